package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code HEART_BEAT} (34): the groups of a client.
 *
 * @param clientId id of the client
 * @param consumers its consumer groups
 * @param heartbeatFingerprint distinguishes sets of subscriptions; 0 before 5.0
 * @param producers its producer groups
 * @param withoutSub whether subscriptions are left out as unchanged
 */
public record HeartbeatBody(
        String clientId,
        List<ConsumerEntry> consumers,
        int heartbeatFingerprint,
        List<ProducerEntry> producers,
        boolean withoutSub)
        implements JsonBody {
    public static HeartbeatBody read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static HeartbeatBody read(JsonObject json) {
        return new HeartbeatBody(
                json.requiredText("clientID"),
                Tables.list(json, "consumerDataSet", ConsumerEntry::read),
                json.intOr("heartbeatFingerprint", 0),
                Tables.list(json, "producerDataSet", ProducerEntry::read),
                json.booleanOr("withoutSub", false));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("clientID", clientId);
        Tables.writeList(out, "consumerDataSet", consumers);
        out.field("heartbeatFingerprint", heartbeatFingerprint);
        Tables.writeList(out, "producerDataSet", producers);
        out.field("withoutSub", withoutSub);
        out.endObject();
    }
}
