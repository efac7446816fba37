package org.merlinmq.broker.group;

/**
 * Where the tables of this broker write what must outlive it; storage's state log is it.
 *
 * <p>Each table replays what it wrote through its own {@code apply(type, record)}, and writes all of itself again when
 * a snapshot is taken.
 */
@FunctionalInterface
public interface Journal {
    /**
     * Writes one change.
     *
     * @param type one of {@link StateTypes}
     * @param record the change, in the form of its type
     */
    void append(int type, byte[] record);
}
