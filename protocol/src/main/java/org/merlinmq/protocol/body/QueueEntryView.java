package org.merlinmq.protocol.body;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * One entry of a queue.
 *
 * @param bitMap bits of filters; null for none
 * @param matches whether the group's filter lets it pass
 * @param message why the message cannot be read; null if it can
 * @param physicOffset log offset of the message
 * @param physicSize bytes of the message
 * @param tagsCode hash code of its tag
 */
public record QueueEntryView(
        @Nullable String bitMap,
        boolean matches,
        @Nullable String message,
        long physicOffset,
        int physicSize,
        long tagsCode)
        implements JsonBody {
    public static QueueEntryView read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static QueueEntryView read(JsonObject json) {
        return new QueueEntryView(
                json.text("bitMap"),
                json.booleanOr("eval", false),
                json.text("msg"),
                json.longOr("physicOffset", 0),
                json.intOr("physicSize", 0),
                json.longOr("tagsCode", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("bitMap", bitMap);
        out.field("eval", matches);
        out.field("msg", message);
        out.field("physicOffset", physicOffset);
        out.field("physicSize", physicSize);
        out.field("tagsCode", tagsCode);
        out.endObject();
    }
}
