package org.merlinmq.protocol.body;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code LIST_DELAYED_MESSAGES} (77010): a page of messages that wait for their time, in the order of these.
 *
 * @param cursor where the next page begins; null: this is the last one
 * @param messages the messages; may be none although more pages follow
 * @param pending how many messages wait on the broker, whatever was asked for
 */
public record DelayedMessageList(@Nullable String cursor, List<DelayedMessage> messages, long pending)
        implements JsonBody {
    public static DelayedMessageList read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static DelayedMessageList read(JsonObject json) {
        return new DelayedMessageList(
                json.text("cursor"), Tables.list(json, "messages", DelayedMessage::read), json.longOr("pending", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("cursor", cursor);
        Tables.writeList(out, "messages", messages);
        out.field("pending", pending);
        out.endObject();
    }
}
