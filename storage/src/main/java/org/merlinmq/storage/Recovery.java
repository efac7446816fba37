package org.merlinmq.storage;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.disk.DiskException;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.index.KeyIndex;
import org.merlinmq.storage.log.RecordVisitor;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.timer.TimerIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes again what the log has and the indexes have not: the records since the last checkpoint, or all of them.
 *
 * <p>Records carry their queue offset, so a record that its queue has already is passed over. A long recovery makes
 * checkpoints on its way: memory stays bounded, and a second crash does not begin it anew.
 */
final class Recovery implements RecordVisitor {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    /** How often the size of what is in memory is looked at. */
    private static final int LOOK_EVERY_RECORDS = 1 << 14;

    /** A record that claims to be so far ahead in its queue has a damaged queue offset. */
    private static final long MAX_MISSING = 1 << 20;

    private final Indexes indexes;
    private final RecordRule rule;
    private final Checkpointer checkpointer;
    private long maxEntries;
    /** Brings the log up to an offset to the disk. */
    private final LongConsumer durable;

    private final RecordFacts facts = new RecordFacts();
    private int untilLook = LOOK_EVERY_RECORDS;

    Recovery(Indexes indexes, RecordRule rule, Checkpointer checkpointer, long maxEntries, LongConsumer durable) {
        this.indexes = indexes;
        this.rule = rule;
        this.checkpointer = checkpointer;
        this.maxEntries = maxEntries;
        this.durable = durable;
    }

    @Override
    public void record(RecordView view, int crc32c) {
        facts.read(view, rule);
        long logOffset = view.logOffset();
        if ((facts.kinds() & RecordFacts.UNQUEUED) == 0 && !isAhead(view)) {
            indexes.queues()
                    .recover(
                            view.bytes(),
                            view.topicAt(),
                            view.topicBytes(),
                            view.queueId(),
                            view.queueOffset(),
                            logOffset,
                            view.totalBytes(),
                            crc32c,
                            facts.tagsCode());
        }
        TimerIndex timers = indexes.timers();
        if (facts.settles() != RecordLayout.NAMES_NONE) {
            timers.settle(facts.settles(), logOffset);
        }
        if (facts.dueMillis() != 0) {
            timers.add(facts.dueMillis(), logOffset);
        }
        @Nullable KeyIndex keys = indexes.keys();
        if (keys != null) {
            for (int k = 0; k < facts.keyCount(); k++) {
                keys.add(facts.key(k), logOffset);
            }
        }
        if (--untilLook == 0) {
            untilLook = LOOK_EVERY_RECORDS;
            if (indexes.tailEntries() >= maxEntries) {
                checkpoint(logOffset + view.totalBytes(), view.storeMillis());
            }
        }
    }

    /** On a full disk the entries stay in memory, as they do while a store runs there. */
    private void checkpoint(long upTo, long storeMillis) {
        try {
            durable.accept(upTo);
            checkpointer.run(upTo, storeMillis, false);
        } catch (DiskException e) {
            if (!e.full()) {
                throw e;
            }
            maxEntries = 2 * indexes.tailEntries();
            LOG.warn("checkpoint-failed cause=\"{}\" action=\"entries stay in memory\"", e.getMessage());
        }
    }

    private boolean isAhead(RecordView view) {
        Queue queue = indexes.queues().find(view.bytes(), view.topicAt(), view.topicBytes(), view.queueId());
        long next = queue == null ? 0 : queue.maxOffset();
        if (next == 0 || view.queueOffset() - next <= MAX_MISSING) {
            return false;
        }
        LOG.error(
                "record-damaged logOffset={} topic={} queueId={} queueOffset={} expected={} action=\"kept out of its queue\"",
                view.logOffset(),
                view.topic(),
                view.queueId(),
                view.queueOffset(),
                next);
        return true;
    }
}
