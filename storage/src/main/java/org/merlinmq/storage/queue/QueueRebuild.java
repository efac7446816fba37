package org.merlinmq.storage.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.merlinmq.storage.run.RunFile;
import org.merlinmq.storage.run.RunStore;
import org.merlinmq.storage.run.RunWriter;

/**
 * Makes the runs that replace a damaged one, from the records of its part of the log.
 *
 * <p>Memory: at most {@link #SLICE_ENTRIES} entries at a time; a larger run is replaced by several.
 *
 * <p>Threading: on the store's tail thread, or at the start.
 */
public final class QueueRebuild {

    private static final int SLICE_ENTRIES = 256 << 10;
    private static final int LONGS = 4;

    private final QueueTable table;
    private final RunStore store;
    private final RunFile damaged;
    private final TreeMap<Integer, Entries> byHandle = new TreeMap<>();
    private final List<RunFile> finished = new ArrayList<>();
    private int staged;

    QueueRebuild(QueueTable table, RunStore store, RunFile damaged) {
        this.table = table;
        this.store = store;
        this.damaged = damaged;
    }

    private static final class Entries {
        private long[] longs = new long[4 * LONGS];
        private int count;

        void add(long queueOffset, long logOffset, long sizeAndCrc, long tagsCode) {
            if (count * LONGS == longs.length) {
                longs = Arrays.copyOf(longs, longs.length * 2);
            }
            int at = count++ * LONGS;
            longs[at] = queueOffset;
            longs[at + 1] = logOffset;
            longs[at + 2] = sizeAndCrc;
            longs[at + 3] = tagsCode;
        }
    }

    /**
     * Adds one record. Records come in log order; those outside the damaged run's log range are ignored.
     *
     * @param bytes holds the topic's name
     * @param at where it begins
     * @param length its bytes
     * @param queueId its queue
     * @param queueOffset its number in the queue
     * @param logOffset where it begins
     * @param size its bytes
     * @param crc32c CRC32C of the record
     * @param tagsCode hash of the tag
     */
    public void add(
            byte[] bytes,
            int at,
            int length,
            int queueId,
            long queueOffset,
            long logOffset,
            int size,
            int crc32c,
            long tagsCode) {
        if (logOffset < damaged.minLogOffset() || logOffset > damaged.maxLogOffset()) {
            return;
        }
        Queue queue = table.recovered(bytes, at, length, queueId, logOffset);
        if (queue != null) {
            byHandle.computeIfAbsent(queue.handle(), handle -> new Entries())
                    .add(queueOffset, logOffset, ((long) size << 32) | (crc32c & 0xFFFF_FFFFL), tagsCode);
            if (++staged == SLICE_ENTRIES) {
                writeSlice();
            }
        }
    }

    private void writeSlice() {
        try (RunWriter out = store.newRun()) {
            byHandle.forEach((handle, entries) -> write(handle, entries, out));
            finished.add(out.finish());
        }
        byHandle.clear();
        staged = 0;
    }

    private static void write(int handle, Entries entries, RunWriter out) {
        long[] longs = entries.longs;
        int start = 0;
        for (int i = 0; i < entries.count; i++) {
            int at = i * LONGS;
            if (i > start && longs[at] != longs[at - LONGS] + 1) {
                out.directory(handle, longs[start * LONGS], i - start, longs[at - LONGS + 1]);
                start = i;
            }
            out.queueEntry(longs[at + 1], longs[at + 2], longs[at + 3]);
        }
        int last = (entries.count - 1) * LONGS;
        out.directory(handle, longs[start * LONGS], entries.count - start, longs[last + 1]);
    }

    /** Puts the new runs in the damaged one's place. */
    public void finish() {
        if (staged > 0) {
            writeSlice();
        }
        store.replace(List.of(store.run(damaged)), finished);
        table.takeUpRuns();
    }
}
