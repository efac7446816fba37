package org.merlinmq.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.ClusterTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.request.CreateTopicRequest;

/**
 * One run of a load generator: its options, its connections, and what it measured, printed as a line of JSON with the
 * names that the other load generators of {@code benchmarks/side-by-side} use.
 *
 * <p>Threading: {@link #done} and {@link #failed} on the thread that reads; the rest on the main thread.
 *
 * <p>Units: nanoseconds inside, microseconds in the report; CPU seconds of a million messages are microseconds of one.
 */
final class LoadRun {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ
    private static final long END_MILLIS = 5_000;
    private static final long SELECT_MILLIS = 50;

    /** Starts a request of an open loop. */
    interface Begin {
        void begin(long number, long dueNanos);
    }

    private final Map<String, String> options = new LinkedHashMap<>();
    private final Map<String, Object> figures = new LinkedHashMap<>();
    private final List<String> pids;
    private final Selector selector;
    private final String broker;
    private final @Nullable String slave;
    private final String cluster;
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong errors = new AtomicLong();
    private volatile boolean recording;
    private volatile boolean stopping;
    private volatile boolean allBegun;
    private volatile @Nullable String firstError;
    private long[] nanos = new long[1 << 16];
    private int samples;
    private double[] before = new double[0];
    private long beganNanos;
    private long doneBefore;

    /** Reads {@code --name value …} and asks the nameserver for its broker. */
    LoadRun(String[] arguments) {
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            if (!arguments[i].startsWith("--")) {
                throw new IllegalArgumentException("not an option: " + arguments[i]);
            }
            options.put(arguments[i].substring(2), arguments[i + 1]);
        }
        pids = Stream.of(text("pids", "").split(","))
                .filter(pid -> !pid.isBlank())
                .toList();
        try {
            selector = Selector.open();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        ClusterTable table = ClusterTable.read(new LoadSocket(text("ns", "127.0.0.1:9876"))
                .call(Frame.request(RequestCode.GET_BROKER_CLUSTER_INFO, null))
                .body());
        var first = table.brokerAddrTable().values().iterator().next();
        broker = Objects.requireNonNull(first.brokerAddrs().get(0L), "a broker without a master");
        slave = first.brokerAddrs().get(1L);
        cluster = table.clusterAddrTable().keySet().iterator().next();
    }

    String text(String name, String absent) {
        return options.getOrDefault(name, absent);
    }

    int number(String name, int absent) {
        return Integer.parseInt(text(name, Integer.toString(absent)));
    }

    /** The cluster's name. */
    String cluster() {
        return cluster;
    }

    /** The address of the master. */
    String broker() {
        return broker;
    }

    /** The address of its slave, which has to be registered when the run begins. */
    String slave() {
        return Objects.requireNonNull(slave, "a broker without a slave");
    }

    /** A connection to the broker whose frames are handed over while the run reads. */
    LoadSocket open(Consumer<FrameScan> frames) {
        return open(broker, frames);
    }

    /** A connection to a server whose frames are handed over while the run reads. */
    LoadSocket open(String address, Consumer<FrameScan> frames) {
        LoadSocket socket = new LoadSocket(address);
        try {
            socket.channel().register(selector, SelectionKey.OP_READ, (Runnable) () -> socket.read(frames));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return socket;
    }

    /** Makes the topic of the option {@code topic}; returns its name. */
    String createTopic(int queues) {
        String topic = text("topic", "bench");
        new LoadSocket(broker)
                .call(Frame.request(
                        RequestCode.UPDATE_AND_CREATE_TOPIC,
                        new CreateTopicRequest(
                                topic, "TBW102", queues, queues, 6, "SINGLE_TAG", 0, false, null, null)));
        return topic;
    }

    /** Counts a request as sent; returns how many were before it. */
    long begun() {
        return begun.getAndIncrement();
    }

    /** Counts messages as handled by a request that was begun then. */
    void done(long messages, long sinceNanos) {
        done.addAndGet(messages);
        ended.incrementAndGet();
        if (recording) {
            if (samples == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * samples);
            }
            nanos[samples++] = System.nanoTime() - sinceNanos;
        }
    }

    /** Counts a request as refused. */
    void failed(FrameScan answer) {
        failed(answer.code() + " " + answer.remark());
        ended.incrementAndGet();
    }

    /** Counts an error that ends no request. */
    void failed(String cause) {
        errors.incrementAndGet();
        if (firstError == null) {
            firstError = cause;
        }
    }

    long done() {
        return done.get();
    }

    /** Whether no more requests are to begin. */
    boolean stopping() {
        return stopping;
    }

    /** Whether a closed loop that has to send so many in all begins another. */
    boolean more(long count) {
        return !stopping && begun.get() < count;
    }

    boolean allEnded() {
        return ended.get() == begun.get();
    }

    /** Reads on this thread from the start of the measured time on, until it is over. */
    void counted(BooleanSupplier over) {
        recording = true;
        begin();
        long until = System.nanoTime() + 1_000_000_000L * number("max-secs", 300);
        readUntil(() -> over.getAsBoolean() || System.nanoTime() > until);
        end();
    }

    /** Runs for the options {@code warmup} and {@code secs}, and measures the latter; {@code rate}: an open loop. */
    void timed(Begin request) throws InterruptedException {
        Thread reader = start("load-read", () -> readUntil(() -> allBegun && allEnded()));
        int rate = number("rate", 0);
        Thread sender = start("load-send", rate > 0 ? () -> pace(rate, request) : () -> {});
        Thread.sleep(1000L * number("warmup", 2));
        recording = true;
        begin();
        Thread.sleep(1000L * number("secs", 4));
        recording = false;
        end();
        stopping = true;
        sender.join(END_MILLIS);
        allBegun = true;
        reader.join(END_MILLIS);
        if (reader.isAlive()) {
            failed((begun.get() - ended.get()) + " requests were not answered");
        }
    }

    private static Thread start(String name, Runnable body) {
        return Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                body.run();
            } catch (RuntimeException | Error fault) {
                fault.printStackTrace();
                Runtime.getRuntime().halt(1); // without it the figure would be another's
            }
        });
    }

    private void readUntil(BooleanSupplier over) {
        Consumer<SelectionKey> ready = key -> ((Runnable) key.attachment()).run();
        try {
            while (!over.getAsBoolean()) {
                selector.select(ready, SELECT_MILLIS);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Latency counts from when a request was due: a server that stalls delays them all. */
    private void pace(int rate, Begin request) {
        long first = System.nanoTime();
        for (long i = 0; !stopping; i++) {
            long due = first + (long) (i * 1e9 / rate);
            for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
                LockSupport.parkNanos(due - now);
            }
            request.begin(i, due);
        }
    }

    // ---- what it measured --------------------------------------------------------------------------------------

    private void begin() {
        before = new double[] {cpu(pids), cpu(List.of("self")), machineBusy(), switches()};
        // Together, behind what takes its time.
        beganNanos = System.nanoTime();
        doneBefore = done.get();
    }

    private void end() {
        double secs = (System.nanoTime() - beganNanos) / 1e9;
        long count = done.get() - doneBefore;
        double server = cpu(pids) - before[0];
        double own = cpu(List.of("self")) - before[1];
        put("done", (double) count);
        put("secs", secs);
        put("rate", count / secs);
        if (!pids.isEmpty() && count > 0) {
            put("srv_cpu_s_per_m", server / count * 1e6);
            put("srv_cores", server / secs);
            put("srv_csw_per_msg", (switches() - before[3]) / count);
            put("srv_rss_mb", residentMb());
        }
        put("gen_cores", own / secs);
        put("other_cores", Math.max(0, (machineBusy() - before[2] - server - own) / secs));
    }

    /** Adds a figure to the line. */
    void put(String name, double value) {
        figures.put(name, String.format(Locale.ROOT, "%.3f", value));
    }

    /** Prints the line, and the same for people. */
    void print() {
        int n = samples;
        Arrays.sort(nanos, 0, n);
        if (n > 0) {
            put("p50_us", nanos[n / 2] / 1e3);
            put("p99_us", nanos[(int) (n * 0.99)] / 1e3);
            put("max_us", nanos[n - 1] / 1e3);
        }
        figures.put("errors", errors.get());
        List<String> json = new ArrayList<>();
        List<String> plain = new ArrayList<>();
        figures.forEach((name, value) -> {
            json.add('"' + name + "\":" + value);
            plain.add(name + '=' + value);
        });
        PrintStream out = System.out;
        out.printf(
                "{\"label\":\"%s\",\"at\":%d,%s}%n",
                text("label", ""), System.currentTimeMillis() / 1000, String.join(",", json));
        if (firstError != null) {
            System.err.println("the first of " + errors.get() + " errors: " + firstError);
        }
        System.err.println(" " + String.join(" ", plain));
    }

    /** Waits until others use few enough cores, as the options {@code quiet} and {@code quiet-wait} (seconds) have it. */
    void awaitQuiet() throws InterruptedException {
        double most = Double.parseDouble(text("quiet", "99"));
        for (int i = 0; i < 2 * number("quiet-wait", 10); i++) {
            double busy = machineBusy() - cpu(pids);
            Thread.sleep(500);
            if ((machineBusy() - cpu(pids) - busy) * 2 < most) {
                return;
            }
        }
    }

    private static double cpu(List<String> pids) {
        double ticks = 0;
        for (String pid : pids) {
            String stat = read("/proc/" + pid + "/stat");
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /** Seconds that all cores were not idle. */
    private static double machineBusy() {
        String[] fields = read("/proc/stat").lines().findFirst().orElseThrow().split(" +", -1);
        double ticks = 0;
        for (int i = 1; i <= 8 && i < fields.length; i++) {
            ticks += i == 4 || i == 5 ? 0 : Double.parseDouble(fields[i]); // idle, and waiting for a disk
        }
        return ticks / TICKS_PER_SECOND;
    }

    private double switches() {
        double sum = 0;
        for (String pid : pids) {
            String[] tasks = Path.of("/proc", pid, "task").toFile().list();
            for (String task : tasks == null ? new String[0] : tasks) {
                sum += lineSum(pid + "/task/" + task, "ctxt_switches:");
            }
        }
        return sum;
    }

    private double residentMb() {
        return pids.stream().mapToDouble(pid -> lineSum(pid, "VmRSS:")).sum() / 1024;
    }

    /** The sum of the numbers in those lines of a status file that have a text. */
    private static double lineSum(String process, String text) {
        try {
            return read("/proc/" + process + "/status")
                    .lines()
                    .filter(line -> line.contains(text))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
                    .sum();
        } catch (UncheckedIOException gone) {
            return 0; // the thread has ended
        }
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
