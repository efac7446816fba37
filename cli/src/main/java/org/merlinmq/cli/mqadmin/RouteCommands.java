package org.merlinmq.cli.mqadmin;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.GroupList;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.QueueStats;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.body.TopicStats;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.json.JsonWriter;
import org.merlinmq.protocol.request.TopicRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that show where topics are and how far they reach. */
final class RouteCommands {
    private static final String ROUTE = "%-45s %-32s %-50s %-10s %-11s %-5s";
    private static final int ROUTE_WIDTH = 158;
    private static final String STATUS = "%-32s  %-4s  %-20s  %-20s    %s";
    private static final String LIST = "%-20s  %-48s  %-48s";

    private RouteCommands() {}

    @Command(name = "topicRoute", description = "Show where a topic lives.")
    static void topicRoute(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "Its name.")
                    String topic,
            @Option(
                            names = {"-l", "--list"},
                            description = "As a table, not as JSON.")
                    boolean table) {
        try (Session session = servers.open()) {
            TopicRoute route = session.admin().route(topic.strip());
            if (table) {
                table(session, route);
            } else {
                session.text(Json.pretty(new String(route.write(), StandardCharsets.UTF_8)));
            }
        }
    }

    private static void table(Session session, TopicRoute route) {
        Map<String, QueueRoute> queues = new TreeMap<>();
        route.queueDatas().forEach(each -> queues.put(each.brokerName(), each));
        session.line(ROUTE, "#ClusterName", "#BrokerName", "#BrokerAddrs", "#ReadQueue", "#WriteQueue", "#Perm");
        int reads = 0;
        int writes = 0;
        for (BrokerAddresses broker : route.brokerDatas()) {
            QueueRoute of = queues.get(broker.brokerName());
            if (of != null) {
                session.line(
                        ROUTE,
                        broker.cluster(),
                        broker.brokerName(),
                        broker.brokerAddrs(),
                        of.readQueueNums(),
                        of.writeQueueNums(),
                        of.perm());
                reads += of.readQueueNums();
                writes += of.writeQueueNums();
            }
        }
        session.text("-".repeat(ROUTE_WIDTH));
        session.line(ROUTE, "Total:", queues.size(), "", reads, writes, "");
    }

    @Command(name = "topicStatus", description = "Show how far a topic's queues reach.")
    static void topicStatus(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "Its name.")
                    String topic,
            @Option(
                            names = {"-c", "--cluster"},
                            description = "Not used.")
                    @Nullable String cluster) {
        try (Session session = servers.open()) {
            SortedMap<MessageQueueId, QueueStats> queues = new TreeMap<>(Queues.ORDER);
            double putTps = 0;
            for (String master :
                    session.masters(session.admin().route(topic.strip())).values()) {
                TopicStats stats = TopicStats.read(
                        session.ask(master, RequestCode.GET_TOPIC_STATS_INFO, new TopicRequest(topic.strip())));
                queues.putAll(stats.offsetTable());
                putTps += stats.topicPutTps();
            }
            session.line(STATUS, "#Broker Name", "#QID", "#Min Offset", "#Max Offset", "#Last Updated");
            queues.forEach((queue, stats) -> session.line(
                    STATUS,
                    queue.brokerName(),
                    queue.queueId(),
                    stats.minOffset(),
                    stats.maxOffset(),
                    stats.lastUpdateTimestamp() > 0 ? Session.millis(stats.lastUpdateTimestamp()) : ""));
            session.text("");
            session.text("Topic Put TPS: " + putTps);
        }
    }

    @Command(name = "topicClusterList", description = "Show the clusters that have a topic.")
    static void topicClusterList(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "Its name.")
                    String topic) {
        try (Session session = servers.open()) {
            TreeSet<String> clusters = new TreeSet<>();
            session.admin().route(topic.strip()).brokerDatas().forEach(broker -> clusters.add(broker.cluster()));
            clusters.forEach(session::text);
        }
    }

    @Command(name = "topicList", description = "List all topics.")
    static void topicList(
            @Mixin Servers servers,
            @Option(
                            names = {"-c", "--clusterModel"},
                            description = "With their clusters and the groups that consume them.")
                    boolean clusters) {
        try (Session session = servers.open()) {
            if (!clusters) {
                session.admin().topics().forEach(session::text);
                return;
            }
            session.line(LIST, "#Cluster Name", "#Topic", "#Consumer Group");
            for (String topic : session.admin().topics()) {
                if (!topic.startsWith("%RETRY%") && !topic.startsWith("%DLQ%")) {
                    consumers(session, topic);
                }
            }
        }
    }

    private static void consumers(Session session, String topic) {
        TopicRoute route = session.admin().route(topic);
        String cluster = route.brokerDatas().isEmpty()
                ? ""
                : route.brokerDatas().getFirst().cluster();
        TreeSet<String> groups = new TreeSet<>();
        for (String master : session.masters(route).values()) {
            groups.addAll(
                    GroupList.read(session.ask(master, RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, new TopicRequest(topic)))
                            .groupList());
        }
        for (String group : groups.isEmpty() ? List.of("") : groups) {
            session.line(LIST, cluster, topic, group);
        }
    }

    @Command(name = "allocateMQ", description = "Show which queues of a topic each of some clients would get.")
    static void allocateMQ(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-i", "--ipList"},
                            required = true,
                            split = ",",
                            description = "The clients, with commas between them.")
                    List<String> clients) {
        try (Session session = servers.open()) {
            List<MessageQueueId> queues =
                    Queues.readable(topic.strip(), session.admin().route(topic.strip()));
            JsonWriter out = new JsonWriter().beginObject().key("result").beginObject();
            int from = 0;
            for (int i = 0; i < clients.size(); i++) {
                int more = i < queues.size() % clients.size() ? 1 : 0;
                int to = from + queues.size() / clients.size() + more;
                out.key(clients.get(i).strip()).beginArray();
                queues.subList(from, to).forEach(queue -> queue.writeTo(out));
                out.endArray();
                from = to;
            }
            session.text(out.endObject().endObject().toText());
        }
    }
}
