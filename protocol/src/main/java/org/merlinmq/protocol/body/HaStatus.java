package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_BROKER_HA_STATUS} (907): the state of replication.
 *
 * @param connections the slaves
 * @param inSyncSlaveNums slaves in sync
 * @param master whether this is the master
 * @param masterCommitLogMaxOffset end of the log
 */
public record HaStatus(
        List<HaConnection> connections, int inSyncSlaveNums, boolean master, long masterCommitLogMaxOffset)
        implements JsonBody {
    public static HaStatus read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static HaStatus read(JsonObject json) {
        return new HaStatus(
                Tables.list(json, "haConnectionInfo", HaConnection::read),
                json.intOr("inSyncSlaveNums", 0),
                json.booleanOr("master", true),
                json.longOr("masterCommitLogMaxOffset", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "haConnectionInfo", connections);
        out.field("inSyncSlaveNums", inSyncSlaveNums);
        out.field("master", master);
        out.field("masterCommitLogMaxOffset", masterCommitLogMaxOffset);
        out.endObject();
    }
}
