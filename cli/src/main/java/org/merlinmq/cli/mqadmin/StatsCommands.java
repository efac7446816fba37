package org.merlinmq.cli.mqadmin;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.ClientException;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.BrokerConsumeStats;
import org.merlinmq.protocol.body.BrokerStats;
import org.merlinmq.protocol.body.ConsumeStats;
import org.merlinmq.protocol.body.GroupList;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueProgress;
import org.merlinmq.protocol.body.StatsWindow;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.request.StatsRequest;
import org.merlinmq.protocol.request.TopicRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that show the load of brokers, topics and groups. */
final class StatsCommands {
    private static final String CLUSTERS =
            "%-22s  %-22s  %-4s  %-22s %-16s  %16s  %30s  %-22s  %11s  %-12s  %-8s  %10s";
    private static final String TOTALS = "%-16s  %-32s %14s %14s %14s %14s";
    private static final String CONSUME = "%-64s  %-64s  %-32s  %-4s  %-20s  %-20s  %-20s  %s";
    private static final String STATS = "%-64s  %-64s %12s %11s %11s %14s %14s";
    private static final double MILLIS_AN_HOUR = 3_600_000;
    private static final Object[] CLUSTERS_HEAD = {
        "#Cluster Name",
        "#Broker Name",
        "#BID",
        "#Addr",
        "#Version",
        "#InTPS(LOAD)",
        "#OutTPS(LOAD)",
        "#Timer(Progress)",
        "#PCWait(ms)",
        "#Hour",
        "#SPACE",
        "#ACTIVATED"
    };
    private static final Object[] TOTALS_HEAD = {
        "#Cluster Name", "#Broker Name", "#InTotalYest", "#OutTotalYest", "#InTotalToday", "#OutTotalToday"
    };

    private StatsCommands() {}

    @Command(name = "clusterList", description = "Show all brokers with their load.")
    static void clusterList(
            @Mixin Servers servers,
            @Option(
                            names = {"-m", "--moreStats"},
                            description = "The messages of today and yesterday.")
                    boolean totals,
            @Option(
                            names = {"-c", "--clusterName"},
                            description = "Only this cluster.")
                    @Nullable String cluster,
            @Option(
                            names = {"-i", "--interval"},
                            description = "Again and again, with so many seconds between.")
                    @Nullable Integer seconds) {
        try (Session session = servers.open()) {
            session.every(seconds, () -> clusters(session, totals, cluster));
        }
    }

    private static void clusters(Session session, boolean totals, @Nullable String cluster) {
        session.line(totals ? TOTALS : CLUSTERS, totals ? TOTALS_HEAD : CLUSTERS_HEAD);
        for (BrokerAddresses broker : new TreeMap<>(session.admin().cluster().brokerAddrTable()).values()) {
            if (cluster == null || cluster.strip().equals(broker.cluster())) {
                broker.brokerAddrs().forEach((id, address) -> {
                    Figures figures = new Figures(session.admin().runtime(address));
                    session.line(
                            totals ? TOTALS : CLUSTERS,
                            totals ? figures.totals(broker) : figures.load(broker, id, address, session.nowMillis()));
                });
            }
        }
    }

    /** The figures of a broker by name. */
    record Figures(SortedMap<String, String> all) {
        String of(String name) {
            return all.getOrDefault(name, "0");
        }

        long whole(String name) {
            return (long) first(name);
        }

        /** The first of the figures that stand behind one another. */
        double first(String name) {
            try {
                return Double.parseDouble(of(name).strip().split("\\s+", 2)[0]);
            } catch (NumberFormatException notOne) {
                return 0;
            }
        }

        String waiting(String queue) {
            return of(queue + "ThreadPoolQueueSize") + "," + of(queue + "ThreadPoolQueueHeadWaitTimeMills") + "ms";
        }

        Object[] load(BrokerAddresses broker, long id, String address, long nowMillis) {
            double transferred =
                    all.containsKey("getTransferredTps") ? first("getTransferredTps") : first("getTransferedTps");
            double hours = (nowMillis - first("earliestMessageTimeStamp")) / MILLIS_AN_HOUR;
            return new Object[] {
                broker.cluster(),
                broker.brokerName(),
                id,
                address,
                of("brokerVersionDesc"),
                String.format(Locale.ROOT, "%9.2f(%s)", first("putTps"), waiting("send")),
                String.format(Locale.ROOT, "%9.2f(%s|%s)", transferred, waiting("pull"), waiting("ack")),
                String.format(
                        Locale.ROOT,
                        "%d-%d(%.1fw, %.1f, %.1f)",
                        whole("timerReadBehind"),
                        whole("timerOffsetBehind"),
                        first("timerCongestNum") / 10_000,
                        first("timerEnqueueTps"),
                        first("timerDequeueTps")),
                of("pageCacheLockTimeMills"),
                String.format(Locale.ROOT, "%2.2f", hours),
                String.format(Locale.ROOT, "%.4f", first("commitLogDiskRatio")),
                of("brokerActive")
            };
        }

        Object[] totals(BrokerAddresses broker) {
            return new Object[] {
                broker.cluster(),
                broker.brokerName(),
                whole("msgPutTotalTodayMorning") - whole("msgPutTotalYesterdayMorning"),
                whole("msgGetTotalTodayMorning") - whole("msgGetTotalYesterdayMorning"),
                whole("msgPutTotalTodayNow") - whole("msgPutTotalTodayMorning"),
                whole("msgGetTotalTodayNow") - whole("msgGetTotalTodayMorning")
            };
        }
    }

    @Command(name = "brokerConsumeStats", description = "Show how far the groups of a broker are.")
    static void brokerConsumeStats(
            @Mixin Servers servers,
            @Option(
                            names = {"-b", "--brokerAddr"},
                            required = true,
                            description = "The broker, host:port.")
                    String broker,
            @Option(
                            names = {"-l", "--level"},
                            defaultValue = "0",
                            description = "Only queues that are this far behind.")
                    long level,
            @Option(
                            names = {"-o", "--order"},
                            arity = "1",
                            description = "Only orderly topics: true or false.")
                    boolean order,
            @Option(
                            names = {"-t", "--timeoutMillis"},
                            defaultValue = "0",
                            description = "Not used.")
                    long timeout) {
        try (Session session = servers.open()) {
            BrokerConsumeStats stats = BrokerConsumeStats.read(session.admin()
                    .ask(
                            broker.strip(),
                            RequestCode.GET_BROKER_CONSUME_STATS.number(),
                            Map.of("isOrder", String.valueOf(order)),
                            new byte[0]));
            session.line(
                    CONSUME,
                    "#Topic",
                    "#Group",
                    "#Broker Name",
                    "#QID",
                    "#Broker Offset",
                    "#Consumer Offset",
                    "#Diff",
                    "#LastTime");
            for (Map<String, List<ConsumeStats>> groups : stats.consumeStatsList()) {
                new TreeMap<>(groups).forEach((group, each) -> each.forEach(one -> queues(session, group, one, level)));
            }
            session.text("");
            session.line("Diff Total: %d", stats.totalDiff());
        }
    }

    private static void queues(Session session, String group, ConsumeStats stats, long level) {
        SortedMap<MessageQueueId, QueueProgress> sorted = new TreeMap<>(Queues.ORDER);
        sorted.putAll(stats.offsetTable());
        sorted.forEach((queue, at) -> {
            long behind = at.brokerOffset() - at.consumerOffset();
            if (at.lastTimestamp() > 0 && behind >= level) {
                session.line(
                        CONSUME,
                        queue.topic(),
                        group,
                        queue.brokerName(),
                        queue.queueId(),
                        at.brokerOffset(),
                        at.consumerOffset(),
                        behind,
                        Session.seconds(at.lastTimestamp()));
            }
        });
    }

    @Command(name = "statsAll", description = "Show what comes into topics and what groups take out.")
    static void statsAll(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            description = "Only this topic.")
                    @Nullable String only,
            @Option(
                            names = {"-a", "--activeTopic"},
                            description = "Only topics that got messages within a day.")
                    boolean active) {
        try (Session session = servers.open()) {
            session.line(
                    STATS,
                    "#Topic",
                    "#Consumer Group",
                    "#Accumulation",
                    "#InTPS",
                    "#OutTPS",
                    "#InMsg24Hour",
                    "#OutMsg24Hour");
            for (String topic : session.admin().topics()) {
                if (!topic.startsWith("%RETRY%")
                        && !topic.startsWith("%DLQ%")
                        && (only == null || only.strip().equals(topic))) {
                    stats(session, topic, active);
                }
            }
        }
    }

    record Rate(double perSecond, long aDay) {
        Rate plus(Rate other) {
            return new Rate(perSecond + other.perSecond, aDay + other.aDay);
        }
    }

    private static void stats(Session session, String topic, boolean active) {
        Map<String, String> masters = session.masters(session.admin().route(topic));
        Rate in = new Rate(0, 0);
        TreeSet<String> groups = new TreeSet<>();
        for (String master : masters.values()) {
            in = in.plus(rate(session, master, "TOPIC_PUT_NUMS", topic));
            groups.addAll(
                    GroupList.read(session.ask(master, RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, new TopicRequest(topic)))
                            .groupList());
        }
        if (active && in.aDay() == 0) {
            return;
        }
        if (groups.isEmpty()) {
            session.line(STATS, topic, "", 0, two(in.perSecond()), "", in.aDay(), "NO_CONSUMER");
        }
        for (String group : groups) {
            Rate out = new Rate(0, 0);
            for (String master : masters.values()) {
                out = out.plus(rate(session, master, "GROUP_GET_NUMS", topic + "@" + group));
            }
            long behind = session.admin().progress(group, topic).values().stream()
                    .mapToLong(at -> Math.max(0, at.brokerOffset() - at.consumerOffset()))
                    .sum();
            session.line(STATS, topic, group, behind, two(in.perSecond()), two(out.perSecond()), in.aDay(), out.aDay());
        }
    }

    /** A broker refuses figures that it has not begun to count; then they are 0. */
    static Rate rate(Session session, String broker, String name, String key) {
        try {
            BrokerStats stats = BrokerStats.read(
                    session.ask(broker, RequestCode.VIEW_BROKER_STATS_DATA, new StatsRequest(name, key)));
            StatsWindow day = stats.day();
            return new Rate(
                    stats.minute().perSecond(), Math.max(day.sum(), stats.hour().sum()));
        } catch (ClientException refused) {
            if (refused.responseCode() == ClientException.NO_ANSWER) {
                throw refused;
            }
            return new Rate(0, 0);
        }
    }

    static String two(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }
}
