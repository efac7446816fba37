package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code QUERY_CONSUME_TIME_SPAN} (303): between which times a group's backlog lies.
 *
 * @param spans one per queue
 */
public record ConsumeTimeSpans(List<TimeSpan> spans) implements JsonBody {
    public static ConsumeTimeSpans read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static ConsumeTimeSpans read(JsonObject json) {
        return new ConsumeTimeSpans(Tables.list(json, "consumeTimeSpanSet", TimeSpan::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "consumeTimeSpanSet", spans);
        out.endObject();
    }
}
