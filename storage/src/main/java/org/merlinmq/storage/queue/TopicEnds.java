package org.merlinmq.storage.queue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Where the lives of topics ended by deletion: at which log offset, as of now and as of the last flush, and which queues
 * ended since.
 *
 * <p>Threading: guarded by the queue table's monitor; {@link #at} and {@link #isDead} on any thread; what is as of the last
 * flush is the tail thread's.
 */
final class TopicEnds {
    private record End(String topic, long logOffset) {}

    /** Where a topic's last life ended: its records below are dead. */
    private final Map<String, Long> now = new ConcurrentHashMap<>();

    private final Map<String, Long> flushed = new TreeMap<>();

    /** The ends since the last flush, in the order of their log offsets. */
    private final ArrayDeque<End> since = new ArrayDeque<>();

    /** Queues that ended since then: as of a log offset below their end they live. */
    private final List<Queue> queuesSince = new ArrayList<>();

    /** Where the topic's last life ended; 0 if none did. */
    long at(String topic) {
        return now.getOrDefault(topic, 0L);
    }

    /** Whether a record is of a former life of its topic, whose name is given in UTF-8. No garbage where no topic ended. */
    boolean isDead(byte[] bytes, int at, int length, long logOffset) {
        return !now.isEmpty() && logOffset < at(new String(bytes, at, length, StandardCharsets.UTF_8));
    }

    /** Whether a topic ended there or later, by what is known. */
    boolean isKnown(String topic, long logOffset) {
        Long end = now.get(topic);
        return end != null && end >= logOffset;
    }

    void end(TopicQueues topic, long logOffset) {
        topic.forEach(queuesSince::add);
        now.put(topic.name, logOffset);
        since.addLast(new End(topic.name, logOffset));
    }

    /** One queue of a topic that goes on. */
    void end(Queue queue) {
        queuesSince.add(queue);
    }

    /** Takes an end out of a snapshot. */
    void load(String topic, long logOffset) {
        now.put(topic, logOffset);
        flushed.put(topic, logOffset);
    }

    /** From here on snapshots are as of an offset or above: what had ended by then is not in them. Returns whether any had. */
    boolean flush(long upTo) {
        boolean any = queuesSince.removeIf(queue -> queue.endsBelowOffset(upTo));
        while (!since.isEmpty() && since.getFirst().logOffset < upTo) {
            End end = since.removeFirst();
            flushed.put(end.topic, end.logOffset);
            any = true;
        }
        return any;
    }

    void forEachQueueSince(Consumer<Queue> each) {
        queuesSince.forEach(each);
    }

    /** The ends as of the last flush that matter to a log which begins at an offset. The others are forgotten. */
    void writeFlushed(QueueTableSnapshot.Writer out, long minLogOffset) {
        flushed.values().removeIf(end -> end <= minLogOffset);
        now.values().removeIf(end -> end <= minLogOffset);
        flushed.forEach(out::end);
    }

    /** All ends, as of now. */
    void write(QueueTableSnapshot.Writer out) {
        now.forEach(out::end);
    }
}
