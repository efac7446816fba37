package org.merlinmq.console;

/** A part of the server that has figures to show. */
@FunctionalInterface
public interface MetricsSource {
    /**
     * Writes all figures as they stand now.
     *
     * <p>Threading: called on a virtual thread, by several at once if several scrape; reads counters that others write,
     * and must not slow them down.
     *
     * @param out takes the figures
     */
    void collect(MetricsSink out);
}
