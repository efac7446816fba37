package org.merlinmq.storage;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.index.KeyIndex;
import org.merlinmq.storage.log.RecordVisitor;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.queue.QueueTable;
import org.merlinmq.storage.timer.TimerIndex;

/**
 * Publishes again what the log has and the indexes have not: the records since the last checkpoint, or all of them.
 *
 * <p>Records carry their queue offset, so a record that its queue has already is passed over.
 */
final class Recovery implements RecordVisitor {
    private final QueueTable queues;
    private final @Nullable KeyIndex keys;
    private final TimerIndex timers;
    private final RecordIndexer indexer;
    private final IndexSink sink = new IndexSink();

    Recovery(QueueTable queues, @Nullable KeyIndex keys, TimerIndex timers, RecordIndexer indexer) {
        this.queues = queues;
        this.keys = keys;
        this.timers = timers;
        this.indexer = indexer;
    }

    @Override
    public void record(RecordView view, int crc32c) {
        sink.clear();
        indexer.index(view, sink);
        long logOffset = view.logOffset();
        if (sink.queued()) {
            queueOf(view).recover(view.queueOffset(), logOffset, view.totalBytes(), crc32c, sink.tagsCode());
        }
        if (view.preparedOffset() != 0) {
            timers.settle(view.preparedOffset(), logOffset);
        }
        if (sink.dueMillis() != 0) {
            timers.add(sink.dueMillis(), logOffset);
        }
        if (keys != null) {
            for (int k = 0; k < sink.keyCount(); k++) {
                keys.add(sink.key(k), logOffset);
            }
        }
    }

    private Queue queueOf(RecordView view) {
        Queue known = queues.find(view.bytes(), view.topicAt(), view.topicBytes(), view.queueId());
        return known != null ? known : queues.queue(view.topic(), view.queueId());
    }
}
