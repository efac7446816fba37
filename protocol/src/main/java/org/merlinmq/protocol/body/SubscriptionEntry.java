package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A subscription of a group to a topic.
 *
 * @param classFilterMode whether a class filters, not used any more
 * @param codeSet hash codes of the tags
 * @param expressionType kind of filter: TAG or SQL92
 * @param subString the filter as the application wrote it, * for all
 * @param subVersion version: a later subscription has a higher one
 * @param tagsSet the tags; none for all
 * @param topic the topic
 */
public record SubscriptionEntry(
        boolean classFilterMode,
        List<Integer> codeSet,
        String expressionType,
        String subString,
        long subVersion,
        List<String> tagsSet,
        String topic)
        implements JsonBody {
    /** The kind of filter that is meant where none, or an empty one, is named. */
    private static final String TAG = "TAG";

    public static SubscriptionEntry read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static SubscriptionEntry read(JsonObject json) {
        String type = json.textOr("expressionType", TAG);
        return new SubscriptionEntry(
                json.booleanOr("classFilterMode", false),
                Tables.ints(json, "codeSet"),
                type.isEmpty() ? TAG : type,
                json.requiredText("subString"),
                json.longOr("subVersion", 0),
                json.texts("tagsSet"),
                json.requiredText("topic"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("classFilterMode", classFilterMode);
        Tables.writeInts(out, "codeSet", codeSet);
        out.field("expressionType", expressionType);
        out.field("subString", subString);
        out.field("subVersion", subVersion);
        out.field("tagsSet", tagsSet);
        out.field("topic", topic);
        out.endObject();
    }
}
