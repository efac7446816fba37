package org.merlinmq.server;

import java.io.IOException;
import java.net.BindException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.merlinmq.console.Console;
import org.merlinmq.console.ConsoleConfig;
import org.merlinmq.console.JvmMetrics;
import org.merlinmq.console.MetricsSource;
import org.merlinmq.console.StartFacts;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.Role;
import org.merlinmq.server.config.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rooms of one process, put together: what starts first stands first, and stops last.
 *
 * <p>Threading: started and closed by one thread each.
 */
final class Node implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final Deque<Part> parts = new ArrayDeque<>();
    private final Map<String, String> addresses = new LinkedHashMap<>();

    private Node() {}

    /** One thing to stop. */
    private record Part(String name, AutoCloseable stop) {}

    static Node start(Config config, DataFolder folder) throws StartRefusal {
        Node node = new Node();
        try {
            node.startAll(config, folder);
            return node;
        } catch (StartRefusal refusal) {
            node.close();
            throw refusal;
        }
    }

    /** Where clients and operators find this process: {@code nameserver}, {@code broker}, {@code console}. */
    Map<String, String> addresses() {
        return addresses;
    }

    private void startAll(Config config, DataFolder folder) throws StartRefusal {
        if (config.role() != Role.NAMESERVER && config.value(Settings.CONSOLE)) {
            startConsole(config, folder);
        }
    }

    private void startConsole(Config config, DataFolder folder) throws StartRefusal {
        int port = config.value(Settings.CONSOLE_PORT);
        List<MetricsSource> sources = new ArrayList<>();
        sources.add(new JvmMetrics());
        StartFacts facts = new StartFacts(
                Version.text(),
                config.value(Settings.CLUSTER),
                "",
                addresses.getOrDefault("nameserver", ""),
                addresses.getOrDefault("broker", ""),
                folder.path().toString());
        try {
            Console console =
                    Console.start(ConsoleConfig.on(config.value(Settings.BIND), port), facts, () -> null, sources);
            parts.push(new Part("console", console));
            addresses.put("console", "http://127.0.0.1:" + console.port() + "/");
        } catch (IOException refused) {
            throw portRefusal("console", port, "--console-port", refused);
        }
    }

    private static StartRefusal portRefusal(String who, int port, String option, IOException cause) {
        boolean inUse = cause instanceof BindException || cause.getCause() instanceof BindException;
        return StartRefusal.failed(
                inUse
                        ? "port " + port + " of the " + who + " is in use or not allowed (" + cause.getMessage()
                                + "); choose another with " + option + " (0 = any free one), or stop what holds it"
                        : "the " + who + " cannot listen on port " + port + ": " + cause.getMessage());
    }

    /** Stops everything in reverse order; one part's failure does not keep the others from stopping. */
    @Override
    public void close() {
        while (!parts.isEmpty()) {
            Part part = parts.pop();
            try {
                part.stop().close();
            } catch (Exception failed) { // a part that fails to stop must not keep the rest from stopping
                LOG.error("stop_failed part={}", part.name(), failed);
            }
        }
    }
}
