package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code QUERY_ASSIGNMENT} (400): the queues that a client consumes.
 *
 * @param assignments the queues
 */
public record Assignments(List<Assignment> assignments) implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static Assignments read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static Assignments read(JsonObject json) {
        return new Assignments(Tables.list(json, "messageQueueAssignments", Assignment::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "messageQueueAssignments", assignments);
        out.endObject();
    }
}
