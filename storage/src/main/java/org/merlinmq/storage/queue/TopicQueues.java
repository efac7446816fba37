package org.merlinmq.storage.queue;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The queues of one topic by their number.
 *
 * <p>Threading: read on any thread, changed under the table's lock.
 */
final class TopicQueues {

    final String name;
    final byte[] bytes;
    final int hash;
    private volatile AtomicReferenceArray<@Nullable Queue> queues = new AtomicReferenceArray<>(0);

    /** The topic is being deleted: no queue of it is made. Guarded by the table. */
    boolean ending;

    TopicQueues(String name, byte[] bytes, int hash) {
        this.name = name;
        this.bytes = bytes;
        this.hash = hash;
    }

    @Nullable Queue queue(int queueId) {
        AtomicReferenceArray<@Nullable Queue> now = queues;
        return queueId >= 0 && queueId < now.length() ? now.get(queueId) : null;
    }

    /** One more than the highest number that there may be. */
    int limit() {
        return queues.length();
    }

    void forEach(Consumer<Queue> each) {
        for (int id = 0; id < limit(); id++) {
            Queue queue = queue(id);
            if (queue != null) {
                each.accept(queue);
            }
        }
    }

    void add(Queue queue) {
        int id = queue.queueId();
        AtomicReferenceArray<@Nullable Queue> now = queues;
        if (id >= now.length()) {
            // Exactly as many as asked while few, then half as many again: a topic's queues come in one by one.
            int length = id < 16 ? id + 1 : Math.max(id + 1, now.length() + now.length() / 2);
            AtomicReferenceArray<@Nullable Queue> more = new AtomicReferenceArray<>(length);
            for (int i = 0; i < now.length(); i++) {
                more.set(i, now.get(i));
            }
            queues = more;
            now = more;
        }
        now.set(id, queue);
    }
}
