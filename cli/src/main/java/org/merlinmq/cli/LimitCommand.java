package org.merlinmq.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Admin;
import org.merlinmq.protocol.body.RateLimitState;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Rate limits of topics and groups: list, set, clear. */
@Command(name = "limit", description = "List, set and clear the rate limits of topics and groups.")
final class LimitCommand implements Runnable {
    private static final List<String> ATTRIBUTES = List.of(
            "limit.deliver.burst",
            "limit.deliver.bytes",
            "limit.deliver.messages",
            "limit.send.burst",
            "limit.send.bytes",
            "limit.send.messages");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "limit needs list, set or clear");
    }

    /** A topic or a group. */
    static final class Of {
        @Option(names = "--topic", paramLabel = "TOPIC", description = "The topic.")
        private @Nullable String topic;

        @Option(names = "--group", paramLabel = "GROUP", description = "The group of producers or consumers.")
        private @Nullable String group;

        void check() {
            if ((topic == null) == (group == null)) {
                throw new IllegalArgumentException("name either --topic or --group");
            }
        }
    }

    @Command(name = "list", description = "List the limits of each broker, and what waits for them.")
    void list(
            @Mixin ServerOption server, @Option(names = "--json", description = "Print one JSON array.") boolean json) {
        try (Admin admin = server.admin()) {
            JsonWriter out = new JsonWriter().beginArray();
            Table table = new Table(
                    "BROKER",
                    "KIND",
                    "NAME",
                    "DIRECTION",
                    "MESSAGES/S",
                    "BYTES/S",
                    "BURST MS",
                    "WAITING",
                    "WAITED",
                    "REFUSED");
            for (String master : admin.masters(null)) {
                for (RateLimitState limit : admin.limits(master)) {
                    out.beginObject().field("broker", master);
                    limit.writeTo(out.key("limit"));
                    out.endObject();
                    table.row(
                            master,
                            limit.kind(),
                            limit.name(),
                            limit.direction(),
                            rate(limit.messages()),
                            rate(limit.bytes()),
                            limit.burstMillis(),
                            limit.waiting(),
                            limit.waited(),
                            limit.refused());
                }
            }
            if (json) {
                System.out.println(out.endArray().toText());
            } else {
                table.print(System.out);
            }
        }
    }

    private static String rate(long rate) {
        return rate == 0 ? "-" : Long.toString(rate);
    }

    @Command(name = "set", description = "Limit a topic or a group on every broker; what is not named stays.")
    void set(
            @Mixin ServerOption server,
            @Mixin Of of,
            @Option(names = "--send-messages", paramLabel = "N", description = "Messages sent a second; 0: no limit.")
                    @Nullable Long sendMessages,
            @Option(names = "--send-bytes", paramLabel = "N", description = "Bytes sent a second; 0: no limit.")
                    @Nullable Long sendBytes,
            @Option(names = "--send-burst", paramLabel = "TIME", description = "How long an unused rate is saved up.")
                    @Nullable String sendBurst,
            @Option(
                            names = "--deliver-messages",
                            paramLabel = "N",
                            description = "Messages given out a second; 0: no limit.")
                    @Nullable Long deliverMessages,
            @Option(names = "--deliver-bytes", paramLabel = "N", description = "Bytes given out a second; 0: no limit.")
                    @Nullable Long deliverBytes,
            @Option(names = "--deliver-burst", paramLabel = "TIME", description = "As --send-burst.") @Nullable String deliverBurst) {
        of.check();
        Map<String, String> changes = new TreeMap<>();
        number(changes, "limit.send.messages", sendMessages);
        number(changes, "limit.send.bytes", sendBytes);
        burst(changes, "--send-burst", "limit.send.burst", sendBurst);
        number(changes, "limit.deliver.messages", deliverMessages);
        number(changes, "limit.deliver.bytes", deliverBytes);
        burst(changes, "--deliver-burst", "limit.deliver.burst", deliverBurst);
        if (changes.isEmpty()) {
            throw new IllegalArgumentException("nothing to change: name --send-messages or another limit");
        }
        change(server, of, changes, "limited");
    }

    private static void number(Map<String, String> changes, String attribute, @Nullable Long value) {
        if (value != null && value < 0) {
            throw new IllegalArgumentException("a rate is 0 or more a second, not " + value);
        }
        if (value != null) {
            changes.put("+" + attribute, value.toString());
        }
    }

    private static void burst(Map<String, String> changes, String option, String attribute, @Nullable String duration) {
        if (duration != null) {
            changes.put("+" + attribute, Long.toString(Times.durationMillis(option, duration)));
        }
    }

    @Command(name = "clear", description = "Take all limits off a topic or a group, on every broker.")
    void clear(@Mixin ServerOption server, @Mixin Of of) {
        of.check();
        Map<String, String> changes = new TreeMap<>();
        ATTRIBUTES.forEach(attribute -> changes.put("-" + attribute, ""));
        change(server, of, changes, "unlimited");
    }

    private static void change(ServerOption server, Of of, Map<String, String> changes, String done) {
        try (Admin admin = server.admin()) {
            String topic = of.topic;
            String group = of.group;
            if (topic != null) {
                changeTopic(admin, topic, changes);
                System.out.println(done + " the topic " + topic);
            } else if (group != null) {
                SubscriptionGroup known = admin.groups().get(group);
                admin.createGroup((known == null ? SubscriptionGroup.of(group) : known).withAttributes(changes));
                System.out.println(done + " the group " + group);
            }
        }
    }

    private static void changeTopic(Admin admin, String topic, Map<String, String> changes) {
        boolean found = false;
        for (String master : admin.masters(null)) {
            TopicConfig now = admin.topicConfigs(master).get(topic);
            if (now != null) {
                found = true;
                admin.createTopic(
                        new TopicConfig(
                                topic,
                                now.readQueueNums(),
                                now.writeQueueNums(),
                                now.perm(),
                                now.topicFilterType(),
                                now.topicSysFlag(),
                                now.order(),
                                changes),
                        List.of(master));
            }
        }
        if (!found) {
            throw new CommandFailure("there is no topic " + topic + "; merlin topic list lists them");
        }
    }
}
