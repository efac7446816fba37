package org.merlinmq.console;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prometheus' text format, version 0.0.4.
 *
 * <p>A family takes {@link #MAX_FAMILY_SERIES} series; further ones are left out and counted in {@value #LEFT_OUT}, so that a broker of very many queues still answers.
 *
 * <p>Format: per family {@code # HELP}, {@code # TYPE} and its samples together, whatever order they came in.
 */
final class MetricsText implements MetricsSink {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    /** The most series of one family; a histogram counts with all its buckets. */
    static final int MAX_FAMILY_SERIES = 20_000;

    private static final String LEFT_OUT = "merlinmq_metrics_left_out_series";

    private final Map<String, Family> families = new LinkedHashMap<>();
    private final Map<String, Integer> leftOut = new LinkedHashMap<>();

    /** What was written of one family. */
    private static final class Family {
        private final StringBuilder text;
        private int series;

        Family(String name, String help, String type) {
            text = new StringBuilder()
                    .append("# HELP ")
                    .append(name)
                    .append(' ')
                    .append(escape(help, false))
                    .append("\n# TYPE ")
                    .append(name)
                    .append(' ')
                    .append(type)
                    .append('\n');
        }
    }

    /** The figures of all sources, in their order. */
    static String of(List<MetricsSource> sources) {
        MetricsText text = new MetricsText();
        sources.forEach(source -> source.collect(text));
        text.writeLeftOut();
        StringBuilder all = new StringBuilder();
        text.families.values().forEach(family -> all.append(family.text));
        return all.toString();
    }

    @Override
    public void counter(String name, String help, double value, String... labels) {
        one(name, help, "counter", value, labels);
    }

    @Override
    public void gauge(String name, String help, double value, String... labels) {
        one(name, help, "gauge", value, labels);
    }

    private void one(String name, String help, String type, double value, String... labels) {
        StringBuilder out = room(name, help, type, 1);
        if (out != null) {
            sample(out, name, value, labels);
        }
    }

    @Override
    public void histogram(String name, String help, double[] bounds, long[] counts, double sum, String... labels) {
        if (counts.length != bounds.length + 1) {
            throw new IllegalArgumentException(name + ": " + bounds.length + " bounds need " + (bounds.length + 1)
                    + " counts, not " + counts.length);
        }
        StringBuilder out = room(name, help, "histogram", counts.length + 2);
        if (out == null) {
            return;
        }
        String[] bucket = java.util.Arrays.copyOf(labels, labels.length + 2);
        bucket[labels.length] = "le";
        long below = 0;
        for (int at = 0; at < counts.length; at++) {
            below += counts[at];
            bucket[labels.length + 1] = at < bounds.length ? number(bounds[at]) : "+Inf";
            sample(out, name + "_bucket", (double) below, bucket);
        }
        sample(out, name + "_sum", sum, labels);
        sample(out, name + "_count", (double) below, labels);
    }

    /** Where to write so many series of a family; null if it has no room for them. */
    private @Nullable StringBuilder room(String name, String help, String type, int series) {
        Family family = families.computeIfAbsent(name, made -> new Family(made, help, type));
        if (family.series + series > MAX_FAMILY_SERIES) {
            leftOut.merge(name, series, Integer::sum);
            return null;
        }
        family.series += series;
        return family.text;
    }

    private void writeLeftOut() {
        Map.copyOf(leftOut)
                .forEach((family, series) ->
                        gauge(LEFT_OUT, "Series that had no room on this page.", series, "family", family));
    }

    private static void sample(StringBuilder out, String name, double value, String... labels) {
        out.append(name);
        for (int at = 0; at < labels.length; at += 2) {
            out.append(at == 0 ? '{' : ',').append(labels[at]).append("=\"");
            out.append(escape(labels[at + 1], true)).append('"');
        }
        if (labels.length > 0) {
            out.append('}');
        }
        out.append(' ').append(number(value)).append('\n');
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            return Long.toString((long) value);
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        if (Double.isNaN(value)) {
            return "NaN";
        }
        return BigDecimal.valueOf(value).toPlainString();
    }

    private static String escape(String text, boolean quoted) {
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
        return quoted ? escaped.replace("\"", "\\\"") : escaped;
    }
}
