package org.merlinmq.protocol.body;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code QUERY_ASSIGNMENT} (400): a client that asks for its queues.
 *
 * @param clientId id of the client
 * @param consumerGroup the consumer group
 * @param messageModel whether members share the messages
 * @param strategyName how queues are shared out; null: the default
 * @param topic the topic
 */
public record AssignmentQuery(
        String clientId,
        String consumerGroup,
        MessageModel messageModel,
        @Nullable String strategyName,
        String topic) implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static AssignmentQuery read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static AssignmentQuery read(JsonObject json) {
        return new AssignmentQuery(
                json.requiredText("clientId"),
                json.requiredText("consumerGroup"),
                Tables.constant(json, "messageModel", MessageModel.CLUSTERING),
                json.text("strategyName"),
                json.requiredText("topic"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("clientId", clientId);
        out.field("consumerGroup", consumerGroup);
        out.field("messageModel", messageModel.name());
        out.field("strategyName", strategyName);
        out.field("topic", topic);
        out.endObject();
    }
}
