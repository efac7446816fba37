package org.merlinmq.console;

/**
 * Takes figures by name. Names and labels are Prometheus': letters, digits and underscores; counters end in
 * {@code _total}.
 *
 * <p>Threading: one scrape owns it. Labels are given as name, value, name, value …
 */
public interface MetricsSink {
    /**
     * A number that only grows while the process lives.
     *
     * @param name ends in {@code _total}
     * @param help one sentence
     * @param value the count
     * @param labels names and values in turn
     */
    void counter(String name, String help, double value, String... labels);

    /**
     * A number that goes up and down.
     *
     * @param name with its unit: {@code _bytes}, {@code _seconds}, {@code _milliseconds}
     * @param help one sentence
     * @param value the figure
     * @param labels names and values in turn
     */
    void gauge(String name, String help, double value, String... labels);

    /**
     * How often values fell below each bound.
     *
     * @param name the family's name, without {@code _bucket}
     * @param help one sentence
     * @param bounds upper bounds, growing, without infinity
     * @param counts one more than bounds: how many fell into each bucket (not summed up), the last above all bounds
     * @param sum the sum of all values
     * @param labels names and values in turn
     */
    void histogram(String name, String help, double[] bounds, long[] counts, double sum, String... labels);

    /**
     * A whole number that only grows while the process lives.
     *
     * @param name ends in {@code _total}
     * @param help one sentence
     * @param value the figure; above 2^53 it is rounded
     * @param labels names and values in turn
     */
    default void counter(String name, String help, long value, String... labels) {
        counter(name, help, (double) value, labels);
    }

    /**
     * A whole number that goes up and down.
     *
     * @param name with its unit: {@code _bytes}, {@code _seconds}, {@code _milliseconds}
     * @param help one sentence
     * @param value the figure; above 2^53 it is rounded
     * @param labels names and values in turn
     */
    default void gauge(String name, String help, long value, String... labels) {
        gauge(name, help, (double) value, labels);
    }
}
