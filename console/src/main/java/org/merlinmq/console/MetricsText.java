package org.merlinmq.console;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Prometheus' text format, version 0.0.4.
 *
 * <p>Format: per family {@code # HELP}, {@code # TYPE} and its samples together, whatever order they came in.
 */
final class MetricsText implements MetricsSink {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final Map<String, StringBuilder> families = new LinkedHashMap<>();

    /** Asks each source in turn. */
    static String of(List<MetricsSource> sources) {
        MetricsText text = new MetricsText();
        sources.forEach(source -> source.collect(text));
        StringBuilder all = new StringBuilder();
        text.families.values().forEach(all::append);
        return all.toString();
    }

    @Override
    public void counter(String name, String help, double value, String... labels) {
        sample(family(name, help, "counter"), name, value, labels);
    }

    @Override
    public void gauge(String name, String help, double value, String... labels) {
        sample(family(name, help, "gauge"), name, value, labels);
    }

    @Override
    public void histogram(String name, String help, double[] bounds, long[] counts, double sum, String... labels) {
        if (counts.length != bounds.length + 1) {
            throw new IllegalArgumentException(name + ": " + bounds.length + " bounds need " + (bounds.length + 1)
                    + " counts, not " + counts.length);
        }
        StringBuilder out = family(name, help, "histogram");
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

    private StringBuilder family(String name, String help, String type) {
        return families.computeIfAbsent(
                name,
                n -> new StringBuilder()
                        .append("# HELP ")
                        .append(n)
                        .append(' ')
                        .append(escape(help, false))
                        .append("\n# TYPE ")
                        .append(n)
                        .append(' ')
                        .append(type)
                        .append('\n'));
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
        return BigDecimal.valueOf(value).toPlainString();
    }

    private static String escape(String text, boolean quoted) {
        String escaped = text.replace("\\", "\\\\").replace("\n", "\\n");
        return quoted ? escaped.replace("\"", "\\\"") : escaped;
    }
}
