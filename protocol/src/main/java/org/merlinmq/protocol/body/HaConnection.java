package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * A slave that replicates.
 *
 * @param addr {@code ip:port} of the slave
 * @param diff bytes it is behind
 * @param inSync whether it counts as in sync
 * @param slaveAckOffset log offset it has
 * @param transferFromWhere log offset to send next
 * @param transferredByteInSecond bytes sent a second
 */
public record HaConnection(
        String addr,
        long diff,
        boolean inSync,
        long slaveAckOffset,
        long transferFromWhere,
        long transferredByteInSecond)
        implements JsonBody {
    public static HaConnection read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static HaConnection read(JsonObject json) {
        return new HaConnection(
                json.requiredText("addr"),
                json.longOr("diff", 0),
                json.booleanOr("inSync", false),
                json.longOr("slaveAckOffset", 0),
                json.longOr("transferFromWhere", 0),
                json.longOr("transferredByteInSecond", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("addr", addr);
        out.field("diff", diff);
        out.field("inSync", inSync);
        out.field("slaveAckOffset", slaveAckOffset);
        out.field("transferFromWhere", transferFromWhere);
        out.field("transferredByteInSecond", transferredByteInSecond);
        out.endObject();
    }
}
