package org.merlinmq.verification.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonValue;
import org.merlinmq.protocol.message.RecordView;

/**
 * An answer as lines that can be compared: the code, each header field, the shape of the body.
 *
 * <p>Values that another run must give again are written out; of ids, times and addresses only that they are there.
 */
final class Answers {
    private static final Set<String> STEADY_FIELDS = Set.of(
            "queueId",
            "queueOffset",
            "nextBeginOffset",
            "minOffset",
            "maxOffset",
            "suggestWhichBrokerId",
            "offset",
            "MSG_REGION",
            "TRACE_ON",
            "topicSysFlag",
            "groupSysFlag",
            "forbiddenType",
            "value");

    private static final Set<String> STEADY_JSON = Set.of(
            "perm",
            "readQueueNums",
            "writeQueueNums",
            "topicSysFlag",
            "queueId",
            "brokerName",
            "cluster",
            "topic",
            "topicName",
            "groupName",
            "order",
            "topicFilterType",
            "consumeType",
            "messageModel",
            "consumeFromWhere",
            "subString",
            "expressionType",
            "maxOffset",
            "minOffset",
            "brokerOffset",
            "consumerOffset");

    /** Lists whose members differ from server to server: only one of them is looked at. */
    private static final Set<String> OPEN_LISTS = Set.of("topicList", "topicConfigTable", "subscriptionGroupTable");

    private static final Set<Integer> WITH_REMARK =
            Set.of(RequestCode.PULL_MESSAGE.number(), RequestCode.LITE_PULL_MESSAGE.number());

    private Answers() {}

    static List<String> lines(Step step, Frame reply) {
        List<String> lines = new ArrayList<>();
        lines.add("code " + reply.code());
        if (WITH_REMARK.contains(step.code())
                && reply.remark() != null
                && reply.remark().matches("[A-Z_]+")) {
            lines.add("remark " + reply.remark());
        }
        for (Map.Entry<String, String> field : new java.util.TreeMap<>(reply.fields()).entrySet()) {
            boolean steady = STEADY_FIELDS.contains(field.getKey());
            lines.add("field " + field.getKey() + (steady ? " = " + field.getValue() : ""));
        }
        body(reply.body(), lines);
        return lines;
    }

    private static void body(byte[] body, List<String> lines) {
        RecordView record = new RecordView();
        if (body.length == 0) {
            lines.add("body empty");
        } else if (record.on(body, 0, body.length)) {
            for (int at = 0; record.on(body, at, body.length - at); at += record.totalBytes()) {
                lines.add(record(record));
                if (at + record.totalBytes() == body.length) {
                    return;
                }
            }
            lines.add("body ends in something that is no record");
        } else {
            try {
                json("", JsonReader.read(body), lines);
            } catch (JsonException noJson) {
                lines.add("body text");
            }
        }
    }

    private static String record(RecordView record) {
        return "record queue " + record.queueId() + " offset " + record.queueOffset() + " body " + record.bodyBytes()
                + " flag " + record.flag() + " sysFlag " + record.sysFlag() + " retries " + record.reconsumeTimes()
                + " topic " + record.topic() + " crc " + record.bodyCrcMatches() + " properties "
                + String.join(",", new TreeSet<>(record.properties().keySet()));
    }

    private static void json(String path, JsonValue value, List<String> lines) {
        if (value instanceof JsonObject object) {
            object(path, object, lines);
        } else if (value instanceof JsonValue.Array array) {
            boolean open = OPEN_LISTS.contains(path.substring(path.lastIndexOf('.') + 1));
            lines.add(
                    "json " + path + "[]" + (open ? "" : " of " + array.values().size()));
            if (!array.values().isEmpty()) {
                json(path + "[]", array.values().getFirst(), lines);
            }
        } else {
            lines.add("json " + path + " " + scalar(path, value));
        }
    }

    private static void object(String path, JsonObject object, List<String> lines) {
        List<JsonObject.Member> members = new ArrayList<>(object.members());
        if (members.isEmpty()) {
            lines.add("json " + path + "{} empty");
        }
        if (OPEN_LISTS.contains(path.substring(path.lastIndexOf('.') + 1))) {
            members.removeIf(member -> !member.name().equals("DiffTopic"));
        }
        if (members.stream().anyMatch(Answers::isKeyed)) {
            lines.add("json " + path + "{} of " + members.size());
            members.sort(java.util.Comparator.comparing(Answers::key));
            members.forEach(member -> json(path + "{" + key(member) + "}", member.value(), lines));
            return;
        }
        members.sort(java.util.Comparator.comparing(JsonObject.Member::name));
        for (JsonObject.Member member : members) {
            json(path + "." + member.name(), member.value(), lines);
        }
    }

    /** Whether the key is a number, quoted or not, or an object: a key of a table and not a name. */
    private static boolean isKeyed(JsonObject.Member member) {
        return member.key() instanceof JsonObject || member.name().matches("\\d+");
    }

    /** A number, or what tells the queues of one topic apart. */
    private static String key(JsonObject.Member member) {
        return member.key() instanceof JsonObject queue ? "queue " + queue.longOr("queueId", -1) : member.name();
    }

    private static String scalar(String path, JsonValue value) {
        boolean steady = STEADY_JSON.contains(path.substring(path.lastIndexOf('.') + 1));
        return switch (value) {
            case JsonValue.Literal literal ->
                literal == JsonValue.Literal.NULL ? "null" : steady ? literal.toString() : "boolean";
            case JsonValue.Whole whole -> steady ? Long.toString(whole.value()) : "number";
            case JsonValue.Fraction fraction -> "number";
            case JsonValue.Text text -> steady ? text.value() : "text";
            case JsonValue.Array array -> "list";
            case JsonObject object -> "object";
        };
    }
}
