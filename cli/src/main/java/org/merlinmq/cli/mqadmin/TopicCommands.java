package org.merlinmq.cli.mqadmin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.cli.CommandFailure;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigList;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonValue;
import org.merlinmq.protocol.request.ForgetTopicRequest;
import org.merlinmq.protocol.request.PutValueRequest;
import org.merlinmq.protocol.request.TopicRequest;
import org.merlinmq.protocol.request.ValueRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands about topics. */
final class TopicCommands {
    /** Where nameservers keep which topics are orderly. */
    private static final String ORDER_NAMESPACE = "ORDER_TOPIC_CONFIG";

    private static final int UNIT = 1;
    private static final int UNIT_SUBSCRIPTION = 2;

    private TopicCommands() {}

    @Command(name = "updateTopic", description = "Create or change a topic.")
    static void updateTopic(
            @Mixin Servers servers,
            @Mixin Where where,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "Its name.")
                    String topic,
            @Option(
                            names = {"-r", "--readQueueNums"},
                            defaultValue = "8",
                            description = "Queues to read from.")
                    int readQueues,
            @Option(
                            names = {"-w", "--writeQueueNums"},
                            defaultValue = "8",
                            description = "Queues to send to.")
                    int writeQueues,
            @Option(
                            names = {"-p", "--perm"},
                            defaultValue = "6",
                            description = "2 write, 4 read, 6 both.")
                    int perm,
            @Option(
                            names = {"-o", "--order"},
                            arity = "1",
                            description = "Whether it is orderly: true or false.")
                    boolean order,
            @Option(
                            names = {"-u", "--unit"},
                            arity = "1",
                            description = "Whether it is a unit's: true or false.")
                    boolean unit,
            @Option(
                            names = {"-s", "--hasUnitSub"},
                            arity = "1",
                            description = "Whether units subscribe to it: true or false.")
                    boolean unitSubscription,
            @Option(
                            names = {"-a", "--attributes"},
                            description = "Further settings: +name=value,-name.")
                    @Nullable String attributes) {
        try (Session session = servers.open()) {
            TopicConfig config = new TopicConfig(
                    topic.strip(),
                    readQueues,
                    writeQueues,
                    perm,
                    TopicConfig.SINGLE_TAG,
                    (unit ? UNIT : 0) | (unitSubscription ? UNIT_SUBSCRIPTION : 0),
                    order,
                    attributes(attributes));
            create(session, config, where);
        }
    }

    private static void create(Session session, TopicConfig topic, Where where) {
        List<String> brokers = where.brokers(session);
        session.admin().createTopic(topic, brokers);
        for (String broker : brokers) {
            session.line("create topic to %s success.", broker);
        }
        if (topic.order()) {
            order(session, topic, brokers, where.isOneBroker() ? "broker" : "cluster");
        }
        session.text(text(topic));
    }

    private static void order(Session session, TopicConfig topic, List<String> brokers, String where) {
        String queues = orderOf(session, brokers, topic.writeQueueNums());
        session.change(RequestCode.PUT_KV_CONFIG, new PutValueRequest(ORDER_NAMESPACE, topic.topicName(), queues));
        session.line("set %s orderConf. isOrder=true, orderConf=[%s]", where, queues);
    }

    /** How many queues of an orderly topic each broker has, as nameservers keep it. */
    private static String orderOf(Session session, List<String> brokers, int queues) {
        TreeSet<String> parts = new TreeSet<>();
        for (BrokerAddresses broker :
                session.admin().cluster().brokerAddrTable().values()) {
            if (broker.brokerAddrs().values().stream().anyMatch(brokers::contains)) {
                parts.add(broker.brokerName() + ":" + queues);
            }
        }
        return String.join(";", parts);
    }

    /** Changes of attributes, by name with its sign. */
    static Map<String, String> attributes(@Nullable String text) {
        Map<String, String> changes = new LinkedHashMap<>();
        for (String change : text == null || text.isBlank() ? new String[0] : text.split(",", -1)) {
            int equals = change.indexOf('=');
            String name = (equals < 0 ? change : change.substring(0, equals)).strip();
            if (name.length() < 2
                    || (name.charAt(0) != '+' && name.charAt(0) != '-')
                    || (equals < 0) == (name.charAt(0) == '+')) {
                throw new IllegalArgumentException("'" + change
                        + "' is no change of an attribute: write +name=value to set it, -name to remove it");
            }
            changes.put(name, equals < 0 ? "" : change.substring(equals + 1).strip());
        }
        return changes;
    }

    private static String text(TopicConfig config) {
        return "TopicConfig [topicName=" + config.topicName() + ", readQueueNums=" + config.readQueueNums()
                + ", writeQueueNums=" + config.writeQueueNums() + ", perm=" + perm(config.perm())
                + ", topicFilterType=" + config.topicFilterType() + ", topicSysFlag=" + config.topicSysFlag()
                + ", order=" + config.order() + ", attributes=" + config.attributes() + "]";
    }

    private static String perm(int bits) {
        return ((bits & TopicConfig.READ) == 0 ? "-" : "R")
                + ((bits & TopicConfig.WRITE) == 0 ? "-" : "W")
                + ((bits & TopicConfig.INHERIT) == 0 ? "-" : "X");
    }

    @Command(name = "updateTopicList", description = "Create or change the topics of a file.")
    static void updateTopicList(
            @Mixin Servers servers,
            @Mixin Where where,
            @Option(
                            names = {"-f", "--filename"},
                            required = true,
                            description = "A JSON array of topics, each as updateTopic's answer has them.")
                    Path file) {
        try (Session session = servers.open()) {
            List<TopicConfig> topics =
                    objects(file).stream().map(TopicConfig::read).toList();
            for (String broker : where.brokers(session)) {
                session.ask(broker, RequestCode.UPDATE_AND_CREATE_TOPIC_LIST, new TopicConfigList(topics).write());
                session.line("submit batch of topic config to %s success, please check the result later.", broker);
            }
        }
    }

    /** The objects of a file that has a JSON array of them. */
    static List<JsonObject> objects(Path file) {
        byte[] text;
        try {
            text = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the file " + file + " cannot be read: " + e.getMessage(), e);
        }
        if (!(JsonReader.read(text) instanceof JsonValue.Array array)) {
            throw new CommandFailure(file + " has no JSON array");
        }
        List<JsonObject> objects = new ArrayList<>();
        for (JsonValue value : array.values()) {
            if (!(value instanceof JsonObject object)) {
                throw new CommandFailure(file + " has " + value.described() + " where an object is due");
            }
            objects.add(object);
        }
        return objects;
    }

    @Command(name = "deleteTopic", description = "Delete a topic with its messages.")
    static void deleteTopic(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "Its name.")
                    String topic,
            @Option(
                            names = {"-c", "--clusterName"},
                            required = true,
                            description = "The cluster.")
                    String cluster) {
        try (Session session = servers.open()) {
            delete(session, topic.strip(), cluster.strip());
            session.line("delete topic [%s] from cluster [%s] success.", topic, cluster);
            session.line("delete topic [%s] from NameServer success.", topic);
        }
    }

    /** Deletes a topic from the masters of a cluster and the nameservers' routes to them. */
    static void delete(Session session, String topic, String cluster) {
        for (String broker : session.admin().masters(cluster)) {
            session.ask(broker, RequestCode.DELETE_TOPIC_IN_BROKER, new TopicRequest(topic));
        }
        session.change(RequestCode.DELETE_TOPIC_IN_NAMESRV, new ForgetTopicRequest(topic, cluster));
    }

    @Command(name = "updateTopicPerm", description = "Change what a topic may be used for.")
    static void updateTopicPerm(
            @Mixin Servers servers,
            @Mixin Where where,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "Its name.")
                    String topic,
            @Option(
                            names = {"-p", "--perm"},
                            required = true,
                            description = "2 write, 4 read, 6 both.")
                    int perm) {
        try (Session session = servers.open()) {
            TopicRoute route = session.admin().route(topic.strip());
            Map<String, String> masters = session.masters(route);
            List<String> brokers = where.brokers(session);
            boolean found = false;
            for (QueueRoute queues : route.queueDatas()) {
                String master = masters.get(queues.brokerName());
                if (master == null || !brokers.contains(master)) {
                    continue;
                }
                found = true;
                TopicConfig config = new TopicConfig(
                        topic.strip(),
                        queues.readQueueNums(),
                        queues.writeQueueNums(),
                        perm,
                        TopicConfig.SINGLE_TAG,
                        queues.topicSysFlag(),
                        false,
                        Map.of());
                session.admin().createTopic(config, List.of(master));
                session.line("update topic perm from %s to %s in %s success.", queues.perm(), perm, master);
                if (where.isOneBroker()) {
                    session.text(text(config) + ".");
                }
            }
            if (!found) {
                throw new CommandFailure("none of the brokers " + String.join(", ", brokers) + " has topic " + topic);
            }
        }
    }

    @Command(
            name = "updateOrderConf",
            description = "Set, show or delete how many queues of an orderly topic a broker has.")
    static void updateOrderConf(
            @Mixin Servers servers,
            @Option(
                            names = {"-m", "--method"},
                            required = true,
                            description = "put, get or delete.")
                    String method,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-v", "--orderConf"},
                            description = "For put: broker-a:4;broker-b:4.")
                    @Nullable String queues) {
        try (Session session = servers.open()) {
            switch (method.strip()) {
                case "put" -> {
                    if (queues == null) {
                        throw new IllegalArgumentException("put needs -v, such as -v broker-a:4");
                    }
                    session.change(RequestCode.PUT_KV_CONFIG, new PutValueRequest(ORDER_NAMESPACE, topic, queues));
                    session.line("update orderConf success. topic=[%s], orderConf=[%s]", topic, queues);
                }
                case "get" -> {
                    Map<String, String> found = session.fields(
                            session.config().nameservers().getFirst(),
                            RequestCode.GET_KV_CONFIG,
                            new ValueRequest(ORDER_NAMESPACE, topic));
                    session.line(
                            "get orderConf success. topic=[%s], orderConf=[%s]",
                            topic, found.getOrDefault("value", ""));
                }
                case "delete" -> {
                    session.change(RequestCode.DELETE_KV_CONFIG, new ValueRequest(ORDER_NAMESPACE, topic));
                    session.line("delete orderConf success. topic=[%s]", topic);
                }
                default -> throw new IllegalArgumentException("-m is put, get or delete, not " + method);
            }
        }
    }
}
