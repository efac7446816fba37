package org.merlinmq.cli.mqadmin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.merlinmq.cli.SystemNames;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.ClientConnection;
import org.merlinmq.protocol.body.JsonBody;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.SubscriptionGroupTable;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicList;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that write what a cluster has into JSON files. */
final class ExportCommands {
    /** The settings that {@code exportConfigs} exports, of those that a broker has. */
    private static final List<String> SETTINGS = List.of(
            "brokerClusterName",
            "brokerId",
            "brokerName",
            "brokerRole",
            "fileReservedTime",
            "filterServerNums",
            "flushDiskType",
            "maxMessageSize",
            "messageDelayLevel",
            "msgTraceTopicName",
            "slaveReadEnable",
            "traceOn",
            "traceTopicEnable",
            "useTLS",
            "autoCreateTopicEnable",
            "autoCreateSubscriptionGroup");

    private ExportCommands() {}

    /** Where the file goes. */
    static final class Folder {
        @Option(
                names = {"-f", "--filePath"},
                defaultValue = "/tmp/rocketmq/export",
                description = "The folder. Default: ${DEFAULT-VALUE}.")
        private Path folder = Path.of("");

        void write(Session session, String name, Consumer<JsonWriter> fields) {
            Path file = folder.resolve(name);
            JsonWriter out = new JsonWriter().beginObject();
            fields.accept(out);
            try {
                Files.createDirectories(folder);
                Files.writeString(
                        file, Json.pretty(out.endObject().toText()) + System.lineSeparator(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException("the file " + file + " cannot be written: " + e.getMessage(), e);
            }
            session.line("export %s success", file);
        }
    }

    @Command(name = "exportMetadata", description = "Write the topics and groups of a cluster or a broker to a file.")
    static void exportMetadata(
            @Mixin Servers servers,
            @Mixin Where where,
            @Mixin Folder folder,
            @Option(
                            names = {"-t", "--topic"},
                            description = "Only the topics, to topic.json.")
                    boolean topicsOnly,
            @Option(
                            names = {"-g", "--subscriptionGroup"},
                            description = "Only the groups, to subscriptionGroup.json.")
                    boolean groupsOnly,
            @Option(
                            names = {"-s", "--specialTopic"},
                            description = "With the topics for retries and dead letters.")
                    boolean special) {
        try (Session session = servers.open()) {
            List<String> brokers = where.brokers(session);
            Predicate<String> wanted = name -> special || !(name.startsWith("%RETRY%") || name.startsWith("%DLQ%"));
            folder.write(
                    session,
                    topicsOnly ? "topic.json" : groupsOnly ? "subscriptionGroup.json" : "metadata.json",
                    out -> {
                        out.field("exportTime", session.nowMillis());
                        if (topicsOnly || !groupsOnly) {
                            write(out, "topicConfigTable", topics(session, brokers, wanted));
                        }
                        if (!topicsOnly) {
                            write(out, "subscriptionGroupTable", groups(session, brokers));
                        }
                    });
        }
    }

    private static void write(JsonWriter out, String name, Map<String, ? extends JsonBody> table) {
        out.key(name).beginObject();
        table.forEach((key, value) -> value.writeTo(out.key(key)));
        out.endObject();
    }

    /** The topics that are not the server's own. */
    private static SortedMap<String, TopicConfig> topics(
            Session session, List<String> brokers, Predicate<String> wanted) {
        SortedMap<String, TopicConfig> topics = new TreeMap<>();
        for (String broker : brokers) {
            List<String> own = TopicList.read(session.ask(broker, RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_BROKER))
                    .topicList();
            session.admin().topicConfigs(broker).forEach((name, topic) -> {
                if (!own.contains(name) && wanted.test(name)) {
                    topics.put(name, topic);
                }
            });
        }
        return topics;
    }

    private static SortedMap<String, SubscriptionGroup> groups(Session session, List<String> brokers) {
        SortedMap<String, SubscriptionGroup> groups = new TreeMap<>();
        for (String broker : brokers) {
            groups.putAll(SubscriptionGroupTable.read(session.ask(broker, RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG))
                    .subscriptionGroupTable());
        }
        groups.keySet().removeIf(SystemNames::isSystemGroup);
        return groups;
    }

    @Command(name = "exportConfigs", description = "Write the settings of a cluster's brokers to configs.json.")
    static void exportConfigs(
            @Mixin Servers servers,
            @Mixin Folder folder,
            @Option(
                            names = {"-c", "--clusterName"},
                            required = true,
                            description = "The cluster.")
                    String cluster) {
        try (Session session = servers.open()) {
            SortedMap<String, SortedMap<String, String>> settings = new TreeMap<>();
            masters(session, cluster.strip()).forEach((name, address) -> {
                SortedMap<String, String> some = new TreeMap<>(session.admin().brokerConfig(address));
                some.keySet().retainAll(SETTINGS);
                settings.put(name, some);
            });
            int all = session.addresses(cluster.strip()).size();
            folder.write(session, "configs.json", out -> {
                out.key("clusterScale").beginObject();
                out.field("namesrvSize", session.config().nameservers().size())
                        .field("masterBrokerSize", settings.size())
                        .field("slaveBrokerSize", all - settings.size())
                        .endObject();
                out.key("brokerConfigs").beginObject();
                settings.forEach(out::field);
                out.endObject();
            });
        }
    }

    /** The address of each master of a cluster by its broker's name. */
    private static SortedMap<String, String> masters(Session session, String cluster) {
        SortedMap<String, String> masters = new TreeMap<>();
        for (BrokerAddresses broker :
                session.admin().cluster().brokerAddrTable().values()) {
            String address = broker.brokerAddrs().get(0L);
            if (address != null && broker.cluster().equals(cluster)) {
                masters.put(broker.brokerName(), address);
            }
        }
        return masters;
    }

    @Command(name = "exportMetrics", description = "Write the load of a cluster's brokers to metrics.json.")
    static void exportMetrics(
            @Mixin Servers servers,
            @Mixin Folder folder,
            @Option(
                            names = {"-c", "--clusterName"},
                            required = true,
                            description = "The cluster.")
                    String cluster) {
        try (Session session = servers.open()) {
            SortedMap<String, Load> loads = new TreeMap<>();
            masters(session, cluster.strip()).forEach((name, address) -> loads.put(name, Load.of(session, address)));
            folder.write(session, "metrics.json", out -> {
                out.key("evaluateReport").beginObject();
                loads.forEach((name, load) -> load.writeTo(out.key(name)));
                out.endObject().key("totalData").beginObject();
                Rates all = loads.values().stream().map(Load::rates).reduce(Rates.NONE, Rates::plus);
                all.write(
                        out,
                        "totalTps",
                        "totalNormalInTps",
                        "totalNormalOutTps",
                        "totalTransInTps",
                        "totalScheduleInTps");
                out.endObject();
            });
        }
    }

    /** What came in and went out: in a second, and on the last whole day. */
    private record Rates(Stream in, Stream out, Stream transactions, Stream delayed) {
        /** One of them. */
        record Stream(double perSecond, long oneDay) {
            Stream plus(Stream other) {
                return new Stream(perSecond + other.perSecond, oneDay + other.oneDay);
            }
        }

        private static final Stream NOTHING = new Stream(0, 0);
        static final Rates NONE = new Rates(NOTHING, NOTHING, NOTHING, NOTHING);

        Rates plus(Rates other) {
            return new Rates(
                    in.plus(other.in),
                    out.plus(other.out),
                    transactions.plus(other.transactions),
                    delayed.plus(other.delayed));
        }

        void write(
                JsonWriter json,
                String tps,
                String inName,
                String outName,
                String transactionsName,
                String delayedName) {
            json.key(tps)
                    .beginObject()
                    .field(inName, in.perSecond())
                    .field(outName, out.perSecond())
                    .field(transactionsName, transactions.perSecond())
                    .field(delayedName, delayed.perSecond())
                    .endObject();
            json.key(tps.equals("tps") ? "oneDayNum" : "totalOneDayNum")
                    .beginObject()
                    .field("normalOneDayInNum", in.oneDay())
                    .field("normalOneDayOutNum", out.oneDay())
                    .field("transOneDayInNum", transactions.oneDay())
                    .field("scheduleOneDayInNum", delayed.oneDay())
                    .endObject();
        }
    }

    /** What a broker has and does. */
    private record Load(
            SortedMap<String, String> figures, Rates rates, int topicCount, int groupCount, TreeSet<String> clients) {
        static Load of(Session session, String address) {
            StatsCommands.Figures figures =
                    new StatsCommands.Figures(session.admin().runtime(address));
            Set<String> groups = groups(session, List.of(address)).keySet();
            TreeSet<String> clients = new TreeSet<>();
            for (String group : groups) {
                session.admin().consumerConnections(group).values().forEach(members -> {
                    for (ClientConnection member : members.connections()) {
                        clients.add(member.language() + "%" + ProtocolVersion.name(member.version()));
                    }
                });
            }
            Rates rates = new Rates(
                    new Rates.Stream(
                            figures.first("putTps"),
                            figures.whole("msgPutTotalTodayMorning") - figures.whole("msgPutTotalYesterdayMorning")),
                    new Rates.Stream(
                            figures.first("getTransferredTps"),
                            figures.whole("msgGetTotalTodayMorning") - figures.whole("msgGetTotalYesterdayMorning")),
                    stream(session, address, "RMQ_SYS_TRANS_HALF_TOPIC"),
                    stream(session, address, "SCHEDULE_TOPIC_XXXX"));
            return new Load(
                    figures.all(),
                    rates,
                    topics(session, List.of(address), name -> !name.startsWith("%"))
                            .size(),
                    groups.size(),
                    clients);
        }

        private static Rates.Stream stream(Session session, String address, String topic) {
            StatsCommands.Rate rate = StatsCommands.rate(session, address, "TOPIC_PUT_NUMS", topic);
            return new Rates.Stream(rate.perSecond(), rate.aDay());
        }

        void writeTo(JsonWriter out) {
            out.beginObject().key("runtimeEnv").beginObject().endObject();
            out.key("runtimeQuota").beginObject();
            out.key("diskRatio")
                    .beginObject()
                    .field("commitLogDiskRatio", figures.get("commitLogDiskRatio"))
                    .field("consumeQueueDiskRatio", figures.get("consumeQueueDiskRatio"))
                    .endObject();
            rates.write(out, "tps", "normalInTps", "normalOutTps", "transInTps", "scheduleInTps");
            out.field("messageAverageSize", figures.get("putMessageAverageSize"))
                    .field("topicSize", topicCount)
                    .field("groupSize", groupCount)
                    .endObject();
            out.key("runtimeVersion")
                    .beginObject()
                    .field("rocketmqVersion", figures.get("brokerVersionDesc"))
                    .field("clientInfo", clients)
                    .endObject()
                    .endObject();
        }
    }
}
