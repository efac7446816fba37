package org.merlinmq.verification.idle;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a running server says of itself on {@code /metrics}, and what Linux says of its process. */
final class Gauges {
    private final long pid;
    private final URI metrics;

    /**
     * One reading.
     *
     * @param connections that the broker holds open
     * @param threads platform threads
     * @param heldBytes live heap, after a collection, and direct buffers
     * @param residentBytes what the process takes of the machine's memory
     * @param files open file descriptors
     */
    record Reading(long connections, long threads, long heldBytes, long residentBytes, long files) {}

    /** For the server that runs on a data folder. */
    Gauges(Path data) throws IOException {
        pid = Long.parseLong(Files.readString(data.resolve("merlin.pid")).strip());
        String console = Files.readAllLines(data.resolve("merlin.addresses")).stream()
                .filter(line -> line.startsWith("console="))
                .findFirst()
                .orElseThrow()
                .substring("console=".length());
        metrics = URI.create(console + "metrics");
    }

    /** Collects garbage first. */
    Reading read() throws IOException, InterruptedException {
        collect();
        String text = text();
        return new Reading(
                value(text, "merlinmq_connections"),
                value(text, "jvm_threads_current"),
                value(text, "jvm_memory_used_bytes{area=\"heap\"")
                        + value(text, "jvm_buffer_pool_used_bytes{pool=\"direct\""),
                residentBytes(),
                files());
    }

    long connections() throws IOException {
        return value(text(), "merlinmq_connections");
    }

    long files() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return open.count();
        }
    }

    private long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IllegalStateException("/proc/" + pid + "/status tells no VmRSS");
    }

    private void collect() throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IllegalStateException("jcmd " + pid + " GC.run failed");
        }
    }

    private String text() throws IOException {
        try (var in = metrics.toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static long value(String text, String metric) {
        Matcher line = Pattern.compile("(?m)^" + Pattern.quote(metric) + "\\S* (\\S+)$")
                .matcher(text);
        if (!line.find()) {
            throw new IllegalStateException("/metrics has no " + metric + ":\n" + text);
        }
        return (long) Double.parseDouble(line.group(1));
    }
}
