package org.merlinmq.protocol.body;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code CONSUME_MESSAGE_DIRECTLY} (309): what became of a message consumed directly.
 *
 * @param autoCommit whether an orderly consumer commits by itself
 * @param consumeResult CR_SUCCESS, CR_LATER, CR_ROLLBACK, CR_COMMIT, CR_THROW_EXCEPTION or CR_RETURN_NULL
 * @param order whether the consumer is orderly
 * @param remark the exception; null for none
 * @param spentMillis how long it took
 */
public record ConsumeDirectlyResult(
        boolean autoCommit,
        String consumeResult,
        boolean order,
        @Nullable String remark,
        long spentMillis) implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static ConsumeDirectlyResult read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static ConsumeDirectlyResult read(JsonObject json) {
        return new ConsumeDirectlyResult(
                json.booleanOr("autoCommit", true),
                json.requiredText("consumeResult"),
                json.booleanOr("order", false),
                json.text("remark"),
                json.longOr("spentTimeMills", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("autoCommit", autoCommit);
        out.field("consumeResult", consumeResult);
        out.field("order", order);
        out.field("remark", remark);
        out.field("spentTimeMills", spentMillis);
        out.endObject();
    }
}
