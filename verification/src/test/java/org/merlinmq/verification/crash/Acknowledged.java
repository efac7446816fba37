package org.merlinmq.verification.crash;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the server said it stored, and what it was asked to store. Threading: any thread. */
final class Acknowledged {
    private final List<Map<Long, Long>> hashesByOffset;
    private final Set<Long> attempted = ConcurrentHashMap.newKeySet();
    private final Queue<String> contradictions = new ConcurrentLinkedQueue<>();
    private final AtomicLong count = new AtomicLong();

    Acknowledged(int queues) {
        hashesByOffset = Stream.generate(ConcurrentHashMap<Long, Long>::new)
                .limit(queues)
                .<Map<Long, Long>>map(map -> map)
                .toList();
    }

    void attempt(long hash) {
        attempted.add(hash);
    }

    boolean wasAttempted(long hash) {
        return attempted.contains(hash);
    }

    void acknowledge(int queue, long offset, long hash) {
        Long before = hashesByOffset.get(queue).put(offset, hash);
        if (before != null) {
            contradictions.add("queue " + queue + " offset " + offset + " was acknowledged twice");
        }
        count.incrementAndGet();
    }

    List<String> contradictions() {
        return List.copyOf(contradictions);
    }

    /** The hash of what was acknowledged at a place, or null. */
    @org.jspecify.annotations.Nullable Long at(int queue, long offset) {
        return hashesByOffset.get(queue).get(offset);
    }

    /** How many were acknowledged in a queue at this offset or a later one. */
    long since(int queue, long offset) {
        return hashesByOffset.get(queue).keySet().stream()
                .filter(acknowledged -> acknowledged >= offset)
                .count();
    }

    long total() {
        return count.get();
    }

    int queues() {
        return hashesByOffset.size();
    }

    /** For each queue the offset behind the last acknowledged one. */
    long[] ends() {
        return IntStream.range(0, queues())
                .mapToLong(queue -> hashesByOffset.get(queue).keySet().stream()
                                .mapToLong(offset -> offset)
                                .max()
                                .orElse(-1)
                        + 1)
                .toArray();
    }
}
