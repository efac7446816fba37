package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A broker that copies another one's log, as that one sees it: a line of {@link ReplicationStatus}.
 *
 * @param ackedLogOffset where its log ends, as it reported
 * @param address where it connects from, {@code ip:port}; or its number in the group
 * @param inSync whether it lags by no more than is allowed
 * @param lagBytes how much of the log it lacks
 * @param lagMillis how long ago the first record that it lacks was stored; 0 if it lacks none, -1 if that is not known
 * @param sentLogOffset all below was sent to it
 */
public record ReplicaStatus(
        long ackedLogOffset, String address, boolean inSync, long lagBytes, long lagMillis, long sentLogOffset)
        implements JsonBody {
    public static ReplicaStatus read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the line. */
    public static ReplicaStatus read(JsonObject json) {
        return new ReplicaStatus(
                json.longOr("ackedLogOffset", 0),
                json.requiredText("address"),
                json.booleanOr("inSync", false),
                json.longOr("lagBytes", 0),
                json.longOr("lagMillis", -1),
                json.longOr("sentLogOffset", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("ackedLogOffset", ackedLogOffset);
        out.field("address", address);
        out.field("inSync", inSync);
        out.field("lagBytes", lagBytes);
        out.field("lagMillis", lagMillis);
        out.field("sentLogOffset", sentLogOffset);
        out.endObject();
    }
}
