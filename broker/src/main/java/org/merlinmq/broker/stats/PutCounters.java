package org.merlinmq.broker.stats;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * What was sent to each topic. Whoever sends keeps a topic's counter with the topic and asks here but once.
 *
 * <p>Threading: any thread.
 */
public final class PutCounters {
    private final Traffic traffic;
    private final ConcurrentMap<String, Counter> counters = new ConcurrentHashMap<>();

    /**
     * Nothing was sent yet.
     *
     * @param traffic makes the counters
     */
    public PutCounters(Traffic traffic) {
        this.traffic = traffic;
    }

    /**
     * A topic's counter.
     *
     * @param topic the topic
     * @return null if nothing was sent to it since the start
     */
    public @Nullable Counter find(String topic) {
        return counters.get(topic);
    }

    /**
     * A topic's counter, made if it has none.
     *
     * @param topic a topic that exists
     * @return the counter
     */
    public Counter findOrAdd(String topic) {
        return counters.computeIfAbsent(topic, made -> traffic.counter());
    }

    /**
     * Forgets a topic that was deleted.
     *
     * @param topic the topic
     */
    public void remove(String topic) {
        Counter removed = counters.remove(topic);
        if (removed != null) {
            traffic.forget(removed);
        }
    }
}
