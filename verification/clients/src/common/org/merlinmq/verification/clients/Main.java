package org.merlinmq.verification.clients;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Plays scenarios with the client on the class path and prints what came of each, a line of JSON per fact.
 *
 * <p>{@code Main --namesrv HOST:PORT --run ID [--server NAME] [--seed N] [--parallel N] [--only NAME,NAME] [--keep FILE]
 * [--rounds N]}; exits 1 if a scenario failed. Standard output carries only the report: what clients print goes to standard error.
 * With {@code --only -} the names come from standard input, a line each, and each is played when the one before has ended.
 */
final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = options(arguments);
        Report report =
                new Report(new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8));
        System.setOut(System.err);
        Stage.Run run = new Stage.Run(
                options.get("run"),
                options.get("namesrv"),
                options.getOrDefault("server", "merlin"),
                Long.parseLong(options.getOrDefault("seed", "1")),
                options.getOrDefault("keep", ""),
                Integer.parseInt(options.getOrDefault("rounds", "0")),
                report);
        String only = options.getOrDefault("only", "");
        boolean passed;
        if (only.equals("-")) {
            passed = playAsked(run);
        } else {
            Map<String, Scenario> scenarios = chosen(all(), only);
            report.scenarios(scenarios.keySet());
            passed = play(scenarios, run, Integer.parseInt(options.getOrDefault("parallel", "8")));
        }
        System.exit(passed ? 0 : 1); // clients leave threads behind
    }

    /** As if each had a start of its own: its topics, groups and clients have names of their own. */
    private static boolean playAsked(Stage.Run run) throws IOException {
        BufferedReader names = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        boolean passed = true;
        int played = 0;
        for (String name = names.readLine(); name != null; name = names.readLine()) {
            Scenario scenario = chosen(all(), name).get(name);
            passed &= play(name, scenario, run.named(run.id() + "_" + ++played));
        }
        return passed;
    }

    private static boolean play(Map<String, Scenario> scenarios, Stage.Run run, int parallel) throws Exception {
        ExecutorService players = Executors.newFixedThreadPool(parallel);
        List<Future<Boolean>> results = new ArrayList<>();
        scenarios.forEach((name, scenario) -> results.add(players.submit(() -> play(name, scenario, run))));
        boolean passed = true;
        for (Future<Boolean> result : results) {
            passed &= result.get();
        }
        return passed;
    }

    private static boolean play(String name, Scenario scenario, Stage.Run run) {
        long began = System.nanoTime();
        try (Stage stage = new Stage(name, run)) {
            scenario.play(stage);
            run.report().passed(name, millisSince(began));
            return true;
        } catch (Failed e) {
            run.report().failed(name, millisSince(began), e.getMessage());
        } catch (Throwable e) { // where a thread is run: a client that does not even load is a failed scenario
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            run.report().failed(name, millisSince(began), trace.toString());
        }
        return false;
    }

    private static long millisSince(long began) {
        return (System.nanoTime() - began) / 1_000_000;
    }

    /** The ones that wait longest come first, so that the others run meanwhile. */
    private static Map<String, Scenario> all() {
        Map<String, Scenario> all = new LinkedHashMap<>();
        all.put("transaction-checked", TransactionScenarios::checked);
        all.put("transaction-producer-gone", TransactionScenarios::producerGone);
        all.put("orderly-kill", OrderlyScenarios::kill);
        all.put("retry-default-delay", RetryScenarios::retryDefault);
        all.put("topic-made-again", TopicScenarios::madeAgain);
        all.put("retry-then-dead-letter", RetryScenarios::deadLetter);
        all.put("retry-large-properties", RetryScenarios::largeProperties);
        all.put("rebalance", PushScenarios::rebalance);
        all.put("queue-locks", PushScenarios::queueLocks);
        all.put("orderly-stop", OrderlyScenarios::stop);
        all.put("orderly-dead-letter", RetryScenarios::orderlyDeadLetter);
        all.put("delay-levels", RetryScenarios::delayLevels);
        LiteScenarios.addTo(all);
        TimerScenarios.addTo(all);
        RequestReplyScenarios.addTo(all);
        all.put("trace", TraceScenarios::traced);
        all.put("dedup", DedupScenarios::repeated);
        all.put("pull-scheduled", PullScenarios::scheduled);
        all.put("pull-offsets", PullScenarios::offsets);
        all.put("pull-early-commit", PullScenarios::earlyCommit);
        all.put("rolling-deploy-tags", FilterScenarios.rollingDeploy(false));
        all.put("rolling-deploy-sql", FilterScenarios.rollingDeploy(true));
        all.put("first-message-of-starts", FirstMessageScenarios::starts);
        all.put("first-message-of-rebalances", FirstMessageScenarios::rebalances);
        all.put("clustering", PushScenarios::clustering);
        all.put("broadcasting", PushScenarios::broadcasting);
        all.put("offsets-resume", PushScenarios::offsetsResume);
        all.put("tags", PushScenarios::tags);
        all.put("sql-push", FilterScenarios::sqlPush);
        all.put("sql-pull", FilterScenarios::sqlPull);
        all.put("sql-refused", FilterScenarios::sqlRefused);
        all.put("order-per-key", PushScenarios::orderPerKey);
        all.put("orderly-suspend", RetryScenarios::orderlySuspend);
        all.put("push-concurrent-one", PushScenarios.push(false, 1));
        all.put("push-concurrent-list", PushScenarios.push(false, 16));
        all.put("push-orderly-one", PushScenarios.push(true, 1));
        all.put("push-orderly-list", PushScenarios.push(true, 16));
        all.put("start-first", QueryScenarios::startFirst);
        all.put("start-last", QueryScenarios::startLast);
        all.put("start-timestamp", QueryScenarios::startTimestamp);
        all.put("start-timestamp-young", QueryScenarios::startTimestampYoung);
        all.put("query-by-offset-id", QueryScenarios::byOffsetId);
        all.put("query-by-unique-key", QueryScenarios::byUniqueKey);
        all.put("query-by-key", QueryScenarios::byKey);
        all.put("query-by-time", QueryScenarios::byTime);
        all.put("transaction-decided", TransactionScenarios::decided);
        all.put("send-sync", SendScenarios::sync);
        all.put("send-async", SendScenarios::async);
        all.put("send-oneway", SendScenarios::oneway);
        all.put("send-batch", SendScenarios::batch);
        all.put("round-trip", SendScenarios::roundTrip);
        all.put("body-sizes", SendScenarios::bodySizes);
        all.put("compressed", SendScenarios::compressed);
        all.put("non-ascii", SendScenarios::nonAscii);
        all.put("too-large", SendScenarios::tooLarge);
        all.put("auto-create", SendScenarios::autoCreate);
        return all;
    }

    /** Those that need a server, or options, of their own: played only when they are named. */
    private static Map<String, Scenario> onRequest() {
        Map<String, Scenario> special = new LinkedHashMap<>();
        special.put("start-timestamp-clustering", QueryScenarios::startTimestampClustering);
        special.put("disk-fill", DiskScenarios::fill);
        special.put("disk-audit", DiskScenarios::audit);
        special.put("disk-again", DiskScenarios::again);
        special.put("disk-expire", DiskScenarios::expire);
        return special;
    }

    private static Map<String, Scenario> chosen(Map<String, Scenario> ordinary, String only) {
        if (only.isEmpty()) {
            return ordinary;
        }
        Map<String, Scenario> all = new LinkedHashMap<>(ordinary);
        all.putAll(onRequest());
        Map<String, Scenario> chosen = new LinkedHashMap<>();
        for (String name : only.split(",")) {
            Scenario scenario = all.get(name);
            if (scenario == null) {
                throw new IllegalArgumentException("no scenario " + name + "; there are " + all.keySet());
            }
            chosen.put(name, scenario);
        }
        return chosen;
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            if (!arguments[i].startsWith("--")) {
                throw new IllegalArgumentException("expected an option, found " + arguments[i]);
            }
            options.put(arguments[i].substring(2), arguments[i + 1]);
        }
        return options;
    }
}
