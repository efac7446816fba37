package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A client whose subscription to a topic differs from that of another client of its group.
 *
 * @param clientId id of the client
 * @param expressionType kind of filter: TAG or SQL92
 * @param expression the filter as the application wrote it
 * @param topic the topic
 */
public record DifferingSubscription(String clientId, String expressionType, String expression, String topic)
        implements JsonBody {
    public static DifferingSubscription read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static DifferingSubscription read(JsonObject json) {
        return new DifferingSubscription(
                json.requiredText("clientId"),
                json.requiredText("expressionType"),
                json.requiredText("subString"),
                json.requiredText("topic"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("clientId", clientId);
        out.field("expressionType", expressionType);
        out.field("subString", expression);
        out.field("topic", topic);
        out.endObject();
    }
}
