package org.merlinmq.storage.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.merlinmq.protocol.message.RecordView;
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
final class QueueRebuild {

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

    /** Adds one record. Records come in log order; those outside the damaged run's log range are ignored. */
    void add(RecordView record, int crc32c, long tagsCode) {
        long logOffset = record.logOffset();
        if (logOffset < damaged.minLogOffset() || logOffset > damaged.maxLogOffset()) {
            return;
        }
        Queue queue =
                table.recovered(record.bytes(), record.topicAt(), record.topicBytes(), record.queueId(), logOffset);
        if (queue != null) {
            long sizeAndCrc = ((long) record.totalBytes() << 32) | (crc32c & 0xFFFF_FFFFL);
            byHandle.computeIfAbsent(queue.handle(), handle -> new Entries())
                    .add(record.queueOffset(), logOffset, sizeAndCrc, tagsCode);
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
    void finish() {
        if (staged > 0) {
            writeSlice();
        }
        store.replace(List.of(store.run(damaged)), finished);
        table.takeUpRuns();
    }
}
