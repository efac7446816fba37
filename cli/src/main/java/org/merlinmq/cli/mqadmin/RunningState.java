package org.merlinmq.cli.mqadmin;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;

/**
 * What a consumer answers about itself to request 307, as RocketMQ's tool writes it.
 *
 * <p>Threading: immutable.
 */
final class RunningState {
    private static final String QUEUE_HEAD = "%-64s  %-32s  %-4s  %-20s%n";
    private static final String QUEUE = "%-32s  %-32s  %-4d  %-20s%n";
    private static final String DETAIL = "%-64s  %-32s  %-4d  %-20s%n";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS", Locale.ROOT);

    private final JsonObject state;

    RunningState(byte[] answer) {
        state = JsonReader.readObject(answer);
    }

    /** The queues that it consumes. */
    List<MessageQueueId> queues() {
        return new ArrayList<>(queues("mqTable").keySet());
    }

    private SortedMap<MessageQueueId, JsonObject> queues(String table) {
        SortedMap<MessageQueueId, JsonObject> queues = new TreeMap<>(Queues.ORDER);
        state.membersOf(table).forEach(entry -> queues.put(MessageQueueId.read(entry.keyObject()), entry.object()));
        return queues;
    }

    /** All of it. */
    String text() {
        StringBuilder text = new StringBuilder("#Consumer Properties#\n");
        state.membersOf("properties")
                .forEach(entry -> text.append(String.format(Locale.ROOT, "%-40s: %s%n", entry.name(), value(entry))));
        text.append("\n\n#Consumer Subscription#\n");
        int number = 0;
        for (JsonObject entry : state.objects("subscriptionSet")) {
            text.append(String.format(
                    Locale.ROOT,
                    "%03d Topic: %-40s ClassFilter: %-8s SubExpression: %s%n",
                    ++number,
                    entry.text("topic"),
                    entry.booleanOr("classFilterMode", false),
                    entry.text("subString")));
        }
        SortedMap<MessageQueueId, JsonObject> queues = queues("mqTable");
        text.append("\n\n#Consumer Offset#\n");
        text.append(String.format(Locale.ROOT, QUEUE_HEAD, "#Topic", "#Broker Name", "#QID", "#Consumer Offset"));
        queues.forEach((queue, process) -> row(text, QUEUE, queue, process.longOr("commitOffset", 0)));
        text.append("\n\n#Consumer MQ Detail#\n");
        text.append(String.format(Locale.ROOT, QUEUE_HEAD, "#Topic", "#Broker Name", "#QID", "#ProcessQueueInfo"));
        queues.forEach((queue, process) -> row(text, DETAIL, queue, process(process)));
        text.append("\n\n#Consumer RT&TPS#\n");
        text.append(String.format(
                Locale.ROOT,
                "%-64s  %14s %14s %14s %14s %18s %25s%n",
                "#Topic",
                "#Pull RT",
                "#Pull TPS",
                "#Consume RT",
                "#ConsumeOK TPS",
                "#ConsumeFailed TPS",
                "#ConsumeFailedMsgsInHour"));
        state.membersOf("statusTable").forEach(entry -> rates(text, entry.name(), entry.object()));
        String stacks = state.text("jstack");
        return stacks == null ? text.toString() : text + "\n\n#Consumer jstack#\n" + stacks;
    }

    private static void row(StringBuilder text, String format, MessageQueueId queue, Object last) {
        text.append(String.format(Locale.ROOT, format, queue.topic(), queue.brokerName(), queue.queueId(), last));
    }

    private static @Nullable String value(JsonObject.Member entry) {
        return new JsonObject(List.of(entry)).text(entry.name());
    }

    private static String process(JsonObject process) {
        StringBuilder text = new StringBuilder("ProcessQueueInfo [");
        for (String name : List.of(
                "commitOffset",
                "cachedMsgMinOffset",
                "cachedMsgMaxOffset",
                "cachedMsgCount",
                "cachedMsgSizeInMiB",
                "transactionMsgMinOffset",
                "transactionMsgMaxOffset",
                "transactionMsgCount")) {
            text.append(name).append('=').append(process.longOr(name, 0)).append(", ");
        }
        return text.append("locked=")
                .append(process.booleanOr("locked", false))
                .append(", tryUnlockTimes=")
                .append(process.longOr("tryUnlockTimes", 0))
                .append(", lastLockTimestamp=")
                .append(time(process, "lastLockTimestamp"))
                .append(", droped=")
                .append(process.booleanOr("droped", false))
                .append(", lastPullTimestamp=")
                .append(time(process, "lastPullTimestamp"))
                .append(", lastConsumeTimestamp=")
                .append(time(process, "lastConsumeTimestamp"))
                .append(']')
                .toString();
    }

    private static String time(JsonObject process, String name) {
        return TIME.format(Instant.ofEpochMilli(process.longOr(name, 0)).atZone(ZoneId.systemDefault()));
    }

    private static void rates(StringBuilder text, String topic, JsonObject rates) {
        text.append(String.format(
                Locale.ROOT,
                "%-32s  %14.2f %14.2f %14.2f %14.2f %18.2f %25d%n",
                topic,
                rates.doubleOr("pullRT", 0),
                rates.doubleOr("pullTPS", 0),
                rates.doubleOr("consumeRT", 0),
                rates.doubleOr("consumeOKTPS", 0),
                rates.doubleOr("consumeFailedTPS", 0),
                rates.longOr("consumeFailedMsgs", 0)));
    }
}
