package org.merlinmq.storage;

import java.util.function.LongConsumer;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.RecordVisitor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies again what the log has and the indexes have not: the records since the last checkpoint, or all of them.
 *
 * <p>A long recovery makes checkpoints on its way: memory stays bounded, and a second crash does not begin it anew.
 *
 * <p>Threading: the thread that opens the store, under the append lock.
 */
final class Recovery implements RecordVisitor {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /** How often the size of what is in memory is looked at. */
    private static final int LOOK_EVERY_RECORDS = 1 << 14;

    private final Indexes indexes;
    private final Indexes.Reader reader;
    private final Checkpointer checkpointer;
    private long maxEntries;
    /** Brings the log up to an offset to the disk. */
    private final LongConsumer durable;

    private int untilLook = LOOK_EVERY_RECORDS;

    Recovery(Indexes indexes, RecordRule rule, Checkpointer checkpointer, long maxEntries, LongConsumer durable) {
        this.indexes = indexes;
        this.reader = new Indexes.Reader(rule);
        this.checkpointer = checkpointer;
        this.maxEntries = maxEntries;
        this.durable = durable;
    }

    @Override
    public void record(RecordView view, int crc32c) {
        indexes.applyAgain(reader.read(view, crc32c));
        if (--untilLook == 0) {
            untilLook = LOOK_EVERY_RECORDS;
            if (indexes.tailEntries() >= maxEntries) {
                flush(view.logOffset() + view.totalBytes(), view.storeMillis());
            }
        }
    }

    /** On a full disk the entries stay in memory, as they do while a store runs there. */
    private void flush(long upTo, long storeMillis) {
        try {
            if (upTo <= checkpointer.logOffset()) {
                // Of an index that is made anew: the checkpoint that names its files comes later.
                indexes.flush(upTo);
            } else {
                durable.accept(upTo);
                checkpointer.run(upTo, storeMillis, false);
            }
        } catch (DiskException e) {
            if (!e.full()) {
                throw e;
            }
            maxEntries = 2 * indexes.tailEntries();
            LOG.warn("checkpoint-failed cause=\"{}\" action=\"entries stay in memory\"", e.getMessage());
        }
    }
}
