package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code SHOW_REPLICATION} (77040): what a broker is among those that have the same log.
 *
 * @param beginLogOffset where its log begins
 * @param confirmedLogOffset all below is at as many other brokers as a send waits for; 0 if none is waited for
 * @param copies for how many other brokers a send waits
 * @param doubtful whether it may have lost what it acknowledged as a copy
 * @param endLogOffset where its log ends
 * @param epoch in which it leads, or that it follows; 0 without epochs, as in a group that RocketMQ's stream keeps
 * @param flushedLogOffset all below is on its disk
 * @param leader the number of the group's member that leads, as far as it knows; -1 if it knows none, or there are no numbers
 * @param replicas who copies its log now
 * @param role {@link #MASTER}, {@link #SLAVE} or {@link #STANDBY}
 * @param waiting how many appends wait for other brokers now
 */
public record ReplicationStatus(
        long beginLogOffset,
        long confirmedLogOffset,
        int copies,
        boolean doubtful,
        long endLogOffset,
        int epoch,
        long flushedLogOffset,
        int leader,
        List<ReplicaStatus> replicas,
        String role,
        int waiting)
        implements JsonBody {
    /** The role of a broker that takes sends. */
    public static final String MASTER = "master";

    /** The role of one that copies another one's log. */
    public static final String SLAVE = "slave";

    /** The role of one that knows no master, and is none. */
    public static final String STANDBY = "standby";

    public static ReplicationStatus read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static ReplicationStatus read(JsonObject json) {
        return new ReplicationStatus(
                json.longOr("beginLogOffset", 0),
                json.longOr("confirmedLogOffset", 0),
                json.intOr("copies", 0),
                json.booleanOr("doubtful", false),
                json.longOr("endLogOffset", 0),
                json.intOr("epoch", 0),
                json.longOr("flushedLogOffset", 0),
                json.intOr("leader", -1),
                Tables.list(json, "replicas", ReplicaStatus::read),
                json.requiredText("role"),
                json.intOr("waiting", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("beginLogOffset", beginLogOffset);
        out.field("confirmedLogOffset", confirmedLogOffset);
        out.field("copies", copies);
        out.field("doubtful", doubtful);
        out.field("endLogOffset", endLogOffset);
        out.field("epoch", epoch);
        out.field("flushedLogOffset", flushedLogOffset);
        out.field("leader", leader);
        Tables.writeList(out, "replicas", replicas);
        out.field("role", role);
        out.field("waiting", waiting);
        out.endObject();
    }
}
