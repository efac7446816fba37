package org.merlinmq.cli.mqadmin;

import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.cli.CommandFailure;
import org.merlinmq.client.ClientException;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.body.QueueEntries;
import org.merlinmq.protocol.body.QueueEntryView;
import org.merlinmq.protocol.body.ResetOffsets;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.json.JsonWriter;
import org.merlinmq.protocol.request.CloneOffsetRequest;
import org.merlinmq.protocol.request.QueryQueueRequest;
import org.merlinmq.protocol.request.ResetOffsetRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands about how far consumer groups have come. */
final class OffsetCommands {
    private static final String RESET = "%-40s  %-40s  %-40s";
    private static final String BAR = "======================================";

    private OffsetCommands() {}

    @Command(name = "cloneGroupOffset", description = "Let a group begin where another one is.")
    static void cloneGroupOffset(
            @Mixin Servers servers,
            @Option(
                            names = {"-s", "--srcGroup"},
                            required = true,
                            description = "The group that is there.")
                    String from,
            @Option(
                            names = {"-d", "--destGroup"},
                            required = true,
                            description = "The group that gets its offsets.")
                    String to,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-o", "--offline"},
                            arity = "1",
                            description = "Although the other group is not connected: true or false.")
                    boolean offline) {
        try (Session session = servers.open()) {
            for (String master :
                    session.masters(session.admin().route(topic.strip())).values()) {
                session.fields(
                        master,
                        RequestCode.CLONE_GROUP_OFFSET,
                        new CloneOffsetRequest(from.strip(), to.strip(), topic.strip(), offline));
            }
            session.line("clone group offset success. srcGroup[%s], destGroup=[%s], topic[%s]", from, to, topic);
        }
    }

    @Command(name = "resetOffsetByTime", description = "Let a group consume from a time on.")
    static void resetOffsetByTime(
            @Mixin Servers servers,
            @Option(
                            names = {"-g", "--group"},
                            required = true,
                            description = "The group.")
                    String group,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-s", "--timestamp"},
                            required = true,
                            description = "now, milliseconds since 1970, or yyyy-MM-dd#HH:mm:ss:SSS.")
                    String time,
            @Option(
                            names = {"-f", "--force"},
                            arity = "1",
                            defaultValue = "true",
                            description = "Not used: the offset is always set.")
                    boolean force,
            @Option(
                            names = {"-b", "--broker"},
                            description = "With -q: one queue of this broker, host:port.")
                    @Nullable String broker,
            @Option(
                            names = {"-q", "--queue"},
                            defaultValue = "-1",
                            description = "The queue's id.")
                    int queueId,
            @Option(
                            names = {"-o", "--offset"},
                            description = "With -q: to this offset, whatever -s is.")
                    @Nullable Long offset,
            @Option(
                            names = {"-c", "--cluster", "--cplus"},
                            arity = "0..1",
                            fallbackValue = "",
                            description = "Not used.")
                    @Nullable String cluster) {
        long millis = time.strip().equals("now") ? -1 : Times.millis("-s", time, ZoneId.systemDefault());
        try (Session session = servers.open()) {
            ResetOffsetRequest request =
                    new ResetOffsetRequest(topic.strip(), group.strip(), millis, true, queueId, offset);
            if (broker != null && queueId >= 0) {
                reset(session, broker.strip(), time, request);
            } else {
                resetAll(session, force, time, request);
            }
        }
    }

    private static void resetAll(Session session, boolean force, String time, ResetOffsetRequest request) {
        Map<MessageQueueId, Long> reached =
                session.admin().resetOffsets(request.group(), request.topic(), request.timestamp());
        session.line(
                "start reset consumer offset by specified, group[%s], topic[%s], force[%s],"
                        + " timestamp(string)[%s], timestamp(long)[%s]",
                request.group(), request.topic(), force, time, request.timestamp());
        offsets(session, reached);
    }

    /** Resets one queue. */
    private static void reset(Session session, String broker, String time, ResetOffsetRequest request) {
        session.line(
                "start reset consumer offset by specified, group[%s], topic[%s], queueId[%s], broker[%s],"
                        + " timestamp(string)[%s], timestamp(long)[%s]",
                request.group(), request.topic(), request.queueId(), broker, time, request.timestamp());
        ResetOffsets.read(session.ask(broker, RequestCode.INVOKE_BROKER_TO_RESET_OFFSET, request))
                .offsetTable()
                .values()
                .forEach(reached -> session.line("reset consumer offset to %d", reached));
    }

    private static void offsets(Session session, Map<MessageQueueId, Long> offsets) {
        session.line(RESET, "#brokerName", "#queueId", "#offset");
        offsets.forEach((queue, offset) -> session.line(RESET, queue.brokerName(), queue.queueId(), offset));
    }

    @Command(name = "skipAccumulatedMessage", description = "Let a group go on at the end of a topic.")
    static void skipAccumulatedMessage(
            @Mixin Servers servers,
            @Option(
                            names = {"-g", "--group"},
                            required = true,
                            description = "The group.")
                    String group,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-f", "--force"},
                            arity = "1",
                            defaultValue = "true",
                            description = "Not used: the offset is always set.")
                    boolean force,
            @Option(
                            names = {"-c", "--cluster"},
                            description = "Not used.")
                    @Nullable String cluster) {
        try (Session session = servers.open()) {
            offsets(session, session.admin().resetOffsets(group.strip(), topic.strip(), -1));
        }
    }

    @Command(name = "queryCq", description = "Show entries of a consume queue.")
    static void queryCq(
            @Mixin Servers servers,
            @Option(
                            names = {"-t", "--topic"},
                            required = true,
                            description = "The topic.")
                    String topic,
            @Option(
                            names = {"-q", "--queue"},
                            required = true,
                            description = "The queue's id.")
                    int queueId,
            @Option(
                            names = {"-i", "--index"},
                            required = true,
                            description = "The first entry.")
                    long index,
            @Option(
                            names = {"-c", "--count"},
                            defaultValue = "10",
                            description = "How many.")
                    int count,
            @Option(
                            names = {"-b", "--broker"},
                            description = "The broker, host:port; without it the first that has the topic.")
                    @Nullable String broker,
            @Option(
                            names = {"-g", "--consumer"},
                            description = "Try the filter of this group.")
                    @Nullable String group) {
        try (Session session = servers.open()) {
            String address = broker != null
                    ? broker.strip()
                    : session.masters(session.admin().route(topic.strip())).values().stream()
                            .findFirst()
                            .orElseThrow(() -> new CommandFailure("the topic " + topic + " has no master"));
            byte[] body = session.ask(
                    address,
                    RequestCode.QUERY_CONSUME_QUEUE,
                    new QueryQueueRequest(topic.strip(), queueId, index, count, group));
            if (body.length == 0) {
                throw new ClientException(
                        "queue " + queueId + " of " + topic + " has no entry " + index + " or behind");
            }
            entries(session, QueueEntries.read(body), index);
        }
    }

    private static void entries(Session session, QueueEntries entries, long first) {
        if (entries.subscriptionData() != null) {
            JsonWriter json = new JsonWriter();
            entries.subscriptionData().writeTo(json);
            session.line("Subscription data: %n%s", Json.pretty(json.toText()));
            session.text(BAR);
            session.line("Filter data: %n%s", entries.filterData());
            session.text(BAR);
        }
        session.line("Queue data: %nmax: %d, min: %d", entries.maxQueueIndex(), entries.minQueueIndex());
        session.text(BAR);
        long index = first;
        for (QueueEntryView entry : entries.queueData()) {
            session.line("idx: %d", index++);
            session.text(String.format(
                    Locale.ROOT,
                    "ConsumeQueueData{physicOffset=%d, physicSize=%d, tagsCode=%d, extendDataJson='null', bitMap='%s',"
                            + " eval=%s, msg='%s'}",
                    entry.physicOffset(),
                    entry.physicSize(),
                    entry.tagsCode(),
                    entry.bitMap(),
                    entry.matches(),
                    entry.message()));
            session.text(BAR);
        }
    }
}
