package org.merlinmq.broker.pull;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.filter.FoundProperties;
import org.merlinmq.broker.filter.RecordFilter;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.Loop;

/**
 * Shows the filters of pulls that wait the record that has just arrived, on the loop that appended it: it is read once for all of
 * them, and only the loops of those that it is for are woken.
 *
 * <p>Threading: {@link #add} while the broker starts; {@link #takes} on any thread.
 */
public final class ArrivedRecords {
    /** A filter with more comparisons than this has its own loop woken to do the work. */
    private static final int MAX_COMPARISONS = 64;

    private final List<OfLoop> loops = new CopyOnWriteArrayList<>();

    /** For the cores of no loop yet. */
    public ArrivedRecords() {}

    void add(Loop loop, RecordReader records) {
        loops.add(new OfLoop(loop, records));
    }

    /**
     * Whether a filter takes a record that has arrived. True, too, where this thread cannot tell: then the pull's own loop
     * looks at it.
     */
    boolean takes(RecordFilter filter, Queue queue, long queueOffset) {
        if (filter.comparisons() > MAX_COMPARISONS) {
            return true;
        }
        for (OfLoop each : loops) {
            if (each.loop.inLoop()) {
                return each.takes(filter, queue, queueOffset);
            }
        }
        return true;
    }

    /** The record that was shown last on a loop. */
    private static final class OfLoop {
        /** Room that is kept for the next record. */
        private static final int KEPT_BYTES = 64 << 10;

        private final Loop loop;
        private final RecordReader records;
        private final EntrySlice entry = new EntrySlice(1);
        private final RecordView record = new RecordView();
        private final FoundProperties properties = new FoundProperties();
        private ByteWriter bytes = new ByteWriter();
        private @Nullable Queue queue;
        private long queueOffset;
        private boolean readable;

        OfLoop(Loop loop, RecordReader records) {
            this.loop = loop;
            this.records = records;
        }

        @SuppressWarnings("ReferenceEquality") // the very same queue
        boolean takes(RecordFilter filter, Queue of, long offset) {
            if (queue != of || queueOffset != offset) {
                queue = of;
                queueOffset = offset;
                readable = read(of, offset);
            }
            return !readable || filter.matches(record, properties);
        }

        private boolean read(Queue of, long offset) {
            if (bytes.array().length > KEPT_BYTES) {
                bytes = new ByteWriter();
            }
            bytes.clear();
            if (of.read(offset, 1, entry) == 0 || entry.size[0] == 0) {
                return false;
            }
            bytes.ensure(entry.size[0]);
            try {
                return records.read(entry, 0, bytes.array(), 0) == RecordReader.READ_OK
                        && record.on(bytes.array(), 0, entry.size[0]);
            } catch (DiskException unread) {
                // The loop of whoever waits meets the same, and answers with it.
                return false;
            }
        }
    }
}
