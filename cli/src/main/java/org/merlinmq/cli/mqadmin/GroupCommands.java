package org.merlinmq.cli.mqadmin;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.RequestMode;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.SubscriptionGroupList;
import org.merlinmq.protocol.body.SubscriptionGroupTable;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonValue;
import org.merlinmq.protocol.json.JsonWriter;
import org.merlinmq.protocol.request.DeleteGroupRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands about the settings of consumer groups. */
final class GroupCommands {
    private static final String SETTING = "%-40s=  %s";

    private GroupCommands() {}

    /** What {@code updateSubGroup} sets. */
    static final class Settings {
        @Option(
                names = {"-g", "--groupName"},
                required = true,
                description = "Its name.")
        private String group = "";

        @Option(
                names = {"-s", "--consumeEnable"},
                arity = "1",
                defaultValue = "true",
                description = "Whether it may consume: true or false.")
        private boolean enabled = true;

        @Option(
                names = {"-m", "--consumeFromMinEnable"},
                arity = "1",
                description = "Whether it may start at the first message: true or false.")
        private boolean fromMin;

        @Option(
                names = {"-d", "--consumeBroadcastEnable"},
                arity = "1",
                description = "Whether it may broadcast: true or false.")
        private boolean broadcast;

        @Option(
                names = {"-o", "--consumeMessageOrderly"},
                arity = "1",
                description = "Whether it consumes in order: true or false.")
        private boolean orderly;

        @Option(
                names = {"-q", "--retryQueueNums"},
                defaultValue = "1",
                description = "Queues of its retry topic.")
        private int retryQueues = 1;

        @Option(
                names = {"-r", "--retryMaxTimes"},
                defaultValue = "16",
                description = "Retries before a message becomes a dead letter.")
        private int retries;

        @Option(
                names = {"-p", "--groupRetryPolicy"},
                description = "How retries are spaced, as JSON.")
        private @Nullable String retryPolicy;

        @Option(
                names = {"-i", "--brokerId"},
                defaultValue = "0",
                description = "The broker of a group to pull from.")
        private long brokerId;

        @Option(
                names = {"-w", "--whichBrokerWhenConsumeSlowly"},
                defaultValue = "1",
                description = "The one to pull from when far behind.")
        private long slowBrokerId;

        @Option(
                names = {"-a", "--notifyConsumerIdsChanged"},
                arity = "1",
                defaultValue = "true",
                description = "Whether members hear of each other: true or false.")
        private boolean notified = true;

        @Option(names = "--attributes", description = "Further settings: +name=value,-name.")
        private @Nullable String attributes;

        SubscriptionGroup group() {
            SubscriptionGroup fresh = SubscriptionGroup.of(group.strip());
            return new SubscriptionGroup(
                    fresh.groupName(),
                    enabled,
                    fromMin,
                    broadcast,
                    orderly,
                    retryQueues,
                    retries,
                    retryPolicy == null ? null : JsonReader.readObject(retryPolicy.getBytes(StandardCharsets.UTF_8)),
                    brokerId,
                    slowBrokerId,
                    notified,
                    0,
                    fresh.consumeTimeoutMinute(),
                    null,
                    TopicCommands.attributes(attributes));
        }
    }

    @Command(name = "updateSubGroup", description = "Create or change a consumer group.")
    static void updateSubGroup(@Mixin Servers servers, @Mixin Where where, @Mixin Settings settings) {
        try (Session session = servers.open()) {
            SubscriptionGroup group = settings.group();
            for (String broker : where.brokers(session)) {
                session.ask(broker, RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP, group.write());
                session.line("create subscription group to %s success.", broker);
            }
            StringBuilder text = new StringBuilder("SubscriptionGroupConfig{");
            shown(group)
                    .forEach((name, value) -> text.append(name)
                            .append('=')
                            .append(value.isEmpty() && name.equals("subscriptionDataSet") ? "null" : value)
                            .append(name.equals("attributes") ? "}" : ", "));
            session.text(text.toString());
        }
    }

    /** The settings in the order in which the tool shows them. */
    private static Map<String, String> shown(SubscriptionGroup group) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("groupName", group.groupName());
        all.put("consumeEnable", String.valueOf(group.consumeEnable()));
        all.put("consumeFromMinEnable", String.valueOf(group.consumeFromMinEnable()));
        all.put("consumeBroadcastEnable", String.valueOf(group.consumeBroadcastEnable()));
        all.put("consumeMessageOrderly", String.valueOf(group.consumeMessageOrderly()));
        all.put("retryQueueNums", String.valueOf(group.retryQueueNums()));
        all.put("retryMaxTimes", String.valueOf(group.retryMaxTimes()));
        all.put("groupRetryPolicy", policy(group.groupRetryPolicy()));
        all.put("brokerId", String.valueOf(group.brokerId()));
        all.put("whichBrokerWhenConsumeSlowly", String.valueOf(group.whichBrokerWhenConsumeSlowly()));
        all.put("notifyConsumerIdsChangedEnable", String.valueOf(group.notifyConsumerIdsChangedEnable()));
        all.put("groupSysFlag", String.valueOf(group.groupSysFlag()));
        all.put("consumeTimeoutMinute", String.valueOf(group.consumeTimeoutMinute()));
        all.put(
                "subscriptionDataSet",
                group.subscriptionDataSet() == null
                        ? ""
                        : new JsonWriter().value(group.subscriptionDataSet()).toText());
        all.put("attributes", group.attributes().toString());
        return all;
    }

    private static String policy(@Nullable JsonObject policy) {
        JsonObject exponential = policy == null ? null : policy.object("exponentialRetryPolicy");
        JsonObject customized = policy == null ? null : policy.object("customizedRetryPolicy");
        return "GroupRetryPolicy{type=" + (policy == null ? "CUSTOMIZED" : policy.textOr("type", "CUSTOMIZED"))
                + ", exponentialRetryPolicy="
                + (exponential == null
                        ? "null"
                        : "ExponentialRetryPolicy{initial=" + exponential.longOr("initial", 0) + ", max="
                                + exponential.longOr("max", 0) + ", multiplier="
                                + exponential.longOr("multiplier", 0) + "}")
                + ", customizedRetryPolicy="
                + (customized == null
                        ? "null"
                        : "CustomizedRetryPolicy{next="
                                + new JsonWriter()
                                        .value(new JsonValue.Array(customized.array("next")))
                                        .toText()
                                        .replace(",", ", ")
                                + "}")
                + "}";
    }

    @Command(name = "updateSubGroupList", description = "Create or change the consumer groups of a file.")
    static void updateSubGroupList(
            @Mixin Servers servers,
            @Mixin Where where,
            @Option(
                            names = {"-f", "--filename"},
                            required = true,
                            description = "A JSON array of groups.")
                    Path file) {
        try (Session session = servers.open()) {
            List<SubscriptionGroup> groups = TopicCommands.objects(file).stream()
                    .map(SubscriptionGroup::read)
                    .toList();
            for (String broker : where.brokers(session)) {
                session.ask(
                        broker,
                        RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST,
                        new SubscriptionGroupList(groups).write());
                session.line("submit batch of group config to %s success, please check the result later.", broker);
            }
        }
    }

    @Command(name = "getConsumerConfig", description = "Show the settings of a consumer group at each broker.")
    static void getConsumerConfig(
            @Mixin Servers servers,
            @Option(
                            names = {"-g", "--groupName"},
                            required = true,
                            description = "Its name.")
                    String name) {
        try (Session session = servers.open()) {
            for (BrokerAddresses broker :
                    new TreeMap<>(session.admin().cluster().brokerAddrTable()).values()) {
                String master = broker.brokerAddrs().get(0L);
                SubscriptionGroup group = master == null
                        ? null
                        : SubscriptionGroupTable.read(session.ask(master, RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG))
                                .subscriptionGroupTable()
                                .get(name.strip());
                if (group != null) {
                    String line = "=".repeat(29);
                    session.line("%s%s:%s%s", line, broker.cluster(), broker.brokerName(), line);
                    shown(group).forEach((setting, value) -> session.line(SETTING, setting, value));
                }
            }
        }
    }

    @Command(name = "deleteSubGroup", description = "Delete a consumer group, its retry topic and its dead letters.")
    static void deleteSubGroup(
            @Mixin Servers servers,
            @Mixin Where where,
            @Option(
                            names = {"-g", "--groupName"},
                            required = true,
                            description = "Its name.")
                    String name,
            @Option(
                            names = {"-r", "--removeOffset"},
                            arity = "1",
                            description = "Whether what it has committed goes as well: true or false.")
                    boolean offsetsToo) {
        try (Session session = servers.open()) {
            String group = name.strip();
            for (String broker : where.brokers(session)) {
                session.ask(broker, RequestCode.DELETE_SUBSCRIPTIONGROUP, new DeleteGroupRequest(group, offsetsToo));
                session.line(
                        "delete subscription group [%s] from broker [%s]%s success.",
                        group, broker, where.isOneBroker() ? "" : " in cluster [" + where.cluster() + "]");
            }
            String cluster = where.cluster();
            if (!where.isOneBroker() && cluster != null) {
                TopicCommands.delete(session, "%RETRY%" + group, cluster.strip());
                TopicCommands.delete(session, "%DLQ%" + group, cluster.strip());
            }
        }
    }

    @Command(name = "setConsumeMode", description = "Set whether a group consumes a topic by pull or by pop.")
    static void setConsumeMode(
            @Mixin Servers servers,
            @Mixin Where where,
            @Option(
                            names = {"-t", "--topicName"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-g", "--groupName"},
                            required = true,
                            description = "The group.")
                    String group,
            @Option(
                            names = {"-m", "--mode"},
                            required = true,
                            description = "PULL or POP.")
                    String mode,
            @Option(
                            names = {"-q", "--popShareQueueNum"},
                            defaultValue = "0",
                            description = "By how many members a queue is shared.")
                    int shared) {
        try (Session session = servers.open()) {
            RequestMode request =
                    new RequestMode(group.strip(), mode.strip().toUpperCase(Locale.ROOT), shared, topic.strip());
            for (String broker : where.brokers(session)) {
                session.ask(broker, RequestCode.SET_MESSAGE_REQUEST_MODE, request.write());
                session.line("set consume mode to %s success.", broker);
            }
            session.line(
                    "topic[%s] group[%s] consume mode[%s] popShareQueueNum[%d]",
                    request.topic(), request.consumerGroup(), request.mode(), request.popShareQueueNum());
        }
    }
}
