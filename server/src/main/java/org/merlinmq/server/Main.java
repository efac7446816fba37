package org.merlinmq.server;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.merlinmq.platform.disk.ReadOnlyMappings;
import org.merlinmq.server.config.Assignment;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.ConfigException;
import org.merlinmq.server.config.ConfigLoader;
import org.merlinmq.server.config.OptionsPage;
import org.merlinmq.server.config.Settings;

/**
 * Starts one MerlinMQ process: {@code Main start|broker|nameserver [OPTIONS]}.
 *
 * <p>Exit codes: 0 stopped by a signal, 1 could not start or failed, 2 wrong options or settings. What keeps it from
 * starting is printed as one sentence on the error stream.
 */
public final class Main {
    private static final int SETTLED_SECONDS = 5;

    private static final String LOG_ROOT = "rocketmq.log.root";

    private Main() {}

    /**
     * The entry point.
     *
     * @param arguments the role, then the options; {@code bin/merlin start --help} lists them
     */
    public static void main(String[] arguments) {
        try {
            run(List.of(arguments));
        } catch (StartRefusal refusal) {
            System.err.println("merlin: " + refusal.sentence());
            exit(refusal.exitCode());
        } catch (ConfigException wrong) {
            wrong.problems().forEach(problem -> System.err.println("merlin: " + problem));
            exit(2);
        }
    }

    private static void run(List<String> arguments) throws StartRefusal, ConfigException {
        if (arguments.equals(List.of("options"))) {
            print(System.out, OptionsPage.markdown());
            return;
        }
        LaunchOptions options = LaunchOptions.parse(arguments);
        if (options.instead() == LaunchOptions.Instead.HELP) {
            print(System.out, LaunchOptions.HELP);
            return;
        }
        Config config = ConfigLoader.load(options.role(), options.file(), System.getenv(), assignments(options));
        config.warnings().forEach(Main::warn);
        if (options.instead() != LaunchOptions.Instead.NOTHING) {
            boolean importantOnly = options.instead() == LaunchOptions.Instead.PRINT_IMPORTANT;
            print(System.out, String.join("\n", config.listing(importantOnly)) + "\n");
            return;
        }
        serve(options, config);
    }

    /** Those of the command line, behind the one that users of RocketMQ give to Java itself. */
    private static List<Assignment> assignments(LaunchOptions options) {
        List<Assignment> all = new ArrayList<>();
        String logRoot = System.getProperty(LOG_ROOT);
        if (logRoot != null) {
            all.add(new Assignment("-D" + LOG_ROOT, Settings.LOG_DIR.name(), logRoot));
        }
        all.addAll(options.assignments());
        return all;
    }

    private static void warn(String sentence) {
        System.err.println("merlin: " + sentence);
    }

    private static void serve(LaunchOptions options, Config config) throws StartRefusal {
        Clock clock = Clock.system(ZoneId.systemDefault());
        DataFolder folder = DataFolder.open(config.value(Settings.DATA), options.role());
        LogFiles.Limits kept = ConfigMapping.logLimits(config);
        if (kept.totalBytes() > 0) {
            Path logs = config.valueOr(Settings.LOG_DIR, folder::logs).toAbsolutePath();
            Logs.toFolder(logs, folder.process(), !options.background(), kept, clock);
        }
        Node node;
        try {
            node = Node.start(config, folder, clock);
        } catch (StartRefusal refusal) {
            folder.close();
            throw refusal;
        }
        node.warnings().forEach(Main::warn);
        folder.announce(node.addresses());
        new Shutdown(node, folder, options.background()).install();
        print(System.out, startBlock(config, folder, node));
        if (options.background()) {
            // Standard streams become /dev/null: whoever waits for us at the other end of the pipe sees its end.
            System.out.close();
            System.err.close();
        }
        waitForShutdown();
    }

    private static String startBlock(Config config, DataFolder folder, Node node) {
        List<String> block = new ArrayList<>();
        block.add("MerlinMQ " + Version.text());
        node.addresses().forEach((name, address) -> {
            String remark = node.remarks().get(name);
            String shown = remark == null ? address : address + "  (" + remark + ")";
            block.add("  " + name + " ".repeat(Math.max(1, 12 - name.length())) + shown);
        });
        block.add("  data        " + folder.path());
        List<String> changed = config.changed();
        changed.removeIf(setting -> setting.startsWith("data="));
        if (!changed.isEmpty()) {
            block.add("  settings    " + String.join("  ", changed));
        }
        if (!config.notNeeded().isEmpty()) {
            block.add("  not needed  " + String.join(", ", config.notNeeded())
                    + " (docs/operate/options.md has the reasons)");
        }
        Instant now = Instant.now();
        Instant born = ProcessHandle.current().info().startInstant().orElse(now);
        long tenths = Math.max(1, (Duration.between(born, now).toMillis() + 50) / 100);
        block.add("ready in " + tenths / 10 + "." + tenths % 10 + " s");
        return String.join(System.lineSeparator(), block) + System.lineSeparator();
    }

    /**
     * Ends when the process does: {@link Shutdown} halts it. A few seconds after the start, when the compilers are done
     * too, it gives back what only those needed: some 10 of 90 MB.
     */
    private static void waitForShutdown() {
        CountDownLatch never = new CountDownLatch(1);
        try {
            boolean _ = never.await(SETTLED_SECONDS, TimeUnit.SECONDS);
            ReadOnlyMappings.giveBack();
            never.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static void print(PrintStream out, String text) {
        out.print(text);
        out.flush();
    }

    private static void exit(int code) {
        Logs.close();
        System.exit(code);
    }
}
