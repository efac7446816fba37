package org.merlinmq.cli;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Admin;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.DedupState;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueStats;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Topics: create, update, delete, list, show. */
@Command(name = "topic", description = "Create, update, delete, list and show topics.")
final class TopicCommand implements Runnable {
    /** What a broker takes. */
    private static final int MAX_QUEUES = 65_536;

    private static final String WINDOW = "dedup.window";
    private static final String DEDUP_WINDOW =
            "For how long a message that is sent again is not stored again, such as 10m; 0 for never.";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "topic needs create, update, delete, list or show");
    }

    @Command(name = "create", description = "Create a topic on every broker.")
    void create(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "TOPIC", description = "Its name.") String topic,
            @Option(
                            names = "--queues",
                            paramLabel = "N",
                            defaultValue = "8",
                            description = "Queues per broker. Default: ${DEFAULT-VALUE}.")
                    int queues,
            @Option(
                            names = "--perm",
                            paramLabel = "PERM",
                            defaultValue = "rw",
                            description = "r, w or rw. Default: ${DEFAULT-VALUE}.")
                    String perm,
            @Option(names = "--order", description = "The topic is orderly throughout the cluster.") boolean order,
            @Option(names = "--dedup-window", paramLabel = "TIME", defaultValue = "", description = DEDUP_WINDOW)
                    String dedupWindow) {
        if (queues < 1 || queues > MAX_QUEUES) {
            throw new IllegalArgumentException("--queues is 1 to " + MAX_QUEUES + ", not " + queues);
        }
        int bits = perm(perm);
        Map<String, String> attributes = attributes(dedupWindow);
        try (Admin admin = server.admin()) {
            if (admin.topics().contains(topic)) {
                throw new CommandFailure("the topic " + topic + " exists; merlin topic update changes it");
            }
            admin.createTopic(
                    new TopicConfig(topic, queues, queues, bits, TopicConfig.SINGLE_TAG, 0, order, attributes));
            System.out.println("created topic " + topic + " with " + queues + " queues per broker");
        }
    }

    @Command(name = "update", description = "Change a topic on every broker; what is not named stays.")
    void update(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "TOPIC", description = "Its name.") String topic,
            @Option(
                            names = "--queues",
                            paramLabel = "N",
                            defaultValue = "0",
                            description = "Queues per broker, to read and to write.")
                    int queues,
            @Option(names = "--perm", paramLabel = "PERM", defaultValue = "", description = "r, w or rw.") String perm,
            @Option(names = "--dedup-window", paramLabel = "TIME", defaultValue = "", description = DEDUP_WINDOW)
                    String dedupWindow) {
        if (queues < 0 || queues > MAX_QUEUES) {
            throw new IllegalArgumentException("--queues is 1 to " + MAX_QUEUES + ", not " + queues);
        }
        if (queues == 0 && perm.isEmpty() && dedupWindow.isEmpty()) {
            throw new IllegalArgumentException("nothing to change: name --queues, --perm or --dedup-window");
        }
        Map<String, String> attributes = attributes(dedupWindow);
        if (!perm.isEmpty()) {
            perm(perm);
        }
        try (Admin admin = server.admin()) {
            Table table = new Table("BROKER", "READ QUEUES", "WRITE QUEUES", "PERM");
            for (String master : admin.masters(null)) {
                TopicConfig now = admin.topicConfigs(master).get(topic);
                if (now != null) {
                    TopicConfig next = changed(now, queues, perm, attributes);
                    admin.createTopic(next, List.of(master));
                    table.row(master, next.readQueueNums(), next.writeQueueNums(), perm(next.perm()));
                }
            }
            if (table.isEmpty()) {
                throw new CommandFailure("there is no topic " + topic + "; merlin topic list lists them");
            }
            System.out.println("updated topic " + topic);
            table.print(System.out);
        }
    }

    /** Each broker's own settings, with the requested changes. */
    private static TopicConfig changed(TopicConfig now, int queues, String perm, Map<String, String> attributes) {
        return new TopicConfig(
                now.topicName(),
                queues == 0 ? now.readQueueNums() : queues,
                queues == 0 ? now.writeQueueNums() : queues,
                perm.isEmpty() ? now.perm() : perm(perm),
                now.topicFilterType(),
                now.topicSysFlag(),
                now.order(),
                attributes); // those that are not named stay
    }

    /** What changes attributes as an option asks for it. */
    private static Map<String, String> attributes(String dedupWindow) {
        return dedupWindow.isEmpty()
                ? Map.of()
                : Map.of("+" + WINDOW, Long.toString(Times.durationMillis("--dedup-window", dedupWindow)));
    }

    @Command(name = "delete", description = "Delete a topic with its messages.")
    void delete(@Mixin ServerOption server, @Parameters(paramLabel = "TOPIC", description = "Its name.") String topic) {
        try (Admin admin = server.admin()) {
            if (!admin.topics().contains(topic)) {
                throw new CommandFailure("there is no topic " + topic + "; merlin topic list lists them");
            }
            admin.deleteTopic(topic);
            System.out.println("deleted topic " + topic);
        }
    }

    @Command(name = "list", description = "List topics.")
    void list(
            @Mixin ServerOption server,
            @Option(names = "--all", description = "The system's own topics too.") boolean all,
            @Option(names = "--json", description = "Print one JSON array.") boolean json) {
        try (Admin admin = server.admin()) {
            SortedMap<String, TopicConfig> topics = new TreeMap<>();
            admin.masters(null).forEach(master -> topics.putAll(admin.topicConfigs(master)));
            topics.keySet().removeIf(name -> !all && SystemNames.isSystemTopic(name, admin));
            if (json) {
                JsonWriter out = new JsonWriter().beginArray();
                topics.values().forEach(topic -> topic.writeTo(out));
                System.out.println(out.endArray().toText());
                return;
            }
            Table table = new Table("TOPIC", "QUEUES", "PERM", "ORDER", "DEDUP WINDOW");
            topics.forEach((name, topic) -> table.row(
                    name,
                    topic.writeQueueNums(),
                    perm(topic.perm()),
                    topic.order() ? "yes" : "no",
                    windowMillis(topic) == 0 ? "-" : Times.seconds(windowMillis(topic))));
            table.print(System.out);
        }
    }

    @Command(
            name = "show",
            description = "Show where a topic lives, how far its queues reach, and how far back duplicates are found.")
    void show(
            @Mixin ServerOption server,
            @Parameters(paramLabel = "TOPIC", description = "Its name.") String topic,
            @Option(names = "--json", description = "Print one JSON array.") boolean json) {
        try (Admin admin = server.admin()) {
            SortedMap<MessageQueueId, QueueStats> queues = admin.topicStats(topic);
            if (json) {
                JsonWriter out = new JsonWriter().beginArray();
                SortedMap<String, Window> windows = windows(admin, topic);
                queues.forEach((queue, stats) -> row(out, queue, stats, windows.get(queue.brokerName())));
                System.out.println(out.endArray().toText());
                return;
            }
            Table table = new Table("QUEUE", "FIRST", "NEXT", "MESSAGES", "LAST STORED");
            for (Map.Entry<MessageQueueId, QueueStats> each : queues.entrySet()) {
                QueueStats stats = each.getValue();
                table.row(
                        each.getKey().brokerName() + ":" + each.getKey().queueId(),
                        stats.minOffset(),
                        stats.maxOffset(),
                        stats.maxOffset() - stats.minOffset(),
                        stats.lastUpdateTimestamp() <= 0 ? "" : Instant.ofEpochMilli(stats.lastUpdateTimestamp()));
            }
            table.print(System.out);
            showWindows(admin, topic);
        }
    }

    private static void showWindows(Admin admin, String topic) {
        Table table = new Table("BROKER", "DEDUP WINDOW", "COVERED");
        windows(admin, topic)
                .values()
                .forEach(each -> table.row(
                        each.master,
                        Times.seconds(each.state.windowMillis()),
                        Times.seconds(each.state.coveredMillis())));
        if (!table.isEmpty()) {
            System.out.println();
            table.print(System.out);
        }
    }

    private record Window(String master, DedupState state) {}

    /** The topic's windows by the names of the brokers that have one. */
    private static SortedMap<String, Window> windows(Admin admin, String topic) {
        SortedMap<String, Window> windows = new TreeMap<>();
        for (BrokerAddresses broker : admin.cluster().brokerAddrTable().values()) {
            String master = broker.brokerAddrs().get(0L);
            TopicConfig config =
                    master == null ? null : admin.topicConfigs(master).get(topic);
            if (master != null && config != null && windowMillis(config) > 0) {
                for (DedupState state : admin.dedupWindows(master)) {
                    if (state.topic().equals(topic)) {
                        windows.put(broker.brokerName(), new Window(master, state));
                    }
                }
            }
        }
        return windows;
    }

    private static long windowMillis(TopicConfig topic) {
        String text = topic.attributes().getOrDefault(WINDOW, "0");
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    /** Fields by their names. */
    private static void row(JsonWriter out, MessageQueueId queue, QueueStats stats, @Nullable Window window) {
        out.beginObject().field("broker", queue.brokerName());
        if (window != null) {
            out.field("dedupCoveredMillis", window.state.coveredMillis())
                    .field("dedupWindowMillis", window.state.windowMillis());
        }
        out.field("lastStoredMillis", stats.lastUpdateTimestamp()).field("maxOffset", stats.maxOffset());
        out.field("minOffset", stats.minOffset())
                .field("queueId", queue.queueId())
                .endObject();
    }

    private static int perm(String text) {
        return switch (text) {
            case "r" -> TopicConfig.READ;
            case "w" -> TopicConfig.WRITE;
            case "rw", "wr" -> TopicConfig.READ | TopicConfig.WRITE;
            default -> throw new IllegalArgumentException("--perm is r, w or rw, not " + text);
        };
    }

    private static String perm(int bits) {
        return ((bits & TopicConfig.READ) != 0 ? "r" : "") + ((bits & TopicConfig.WRITE) != 0 ? "w" : "");
    }
}
