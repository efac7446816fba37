package org.merlinmq.storage.index;

import java.util.function.Consumer;

/** Reads a part of the log again, for an index that has to be mended. */
@FunctionalInterface
public interface LogReplay {
    /**
     * Reads the records that begin in a range, in log order, one at a time. What is damaged is left out.
     *
     * @param from where a record begins
     * @param to none that begins here or behind
     * @param each takes them, each valid only during the call
     */
    void records(long from, long to, Consumer<PublishedRecords> each);
}
