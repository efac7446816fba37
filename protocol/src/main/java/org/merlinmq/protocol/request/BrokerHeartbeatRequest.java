package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code BROKER_HEARTBEAT} (904): a broker is alive.
 *
 * @param brokerName name of the broker group
 * @param brokerAddr {@code ip:port} of the broker
 * @param clusterName name of the cluster
 * @param brokerId the broker's id; null if it has none yet
 * @param epoch the controller's epoch
 * @param maxOffset end of the log
 * @param confirmOffset end of what all in-sync replicas have
 * @param heartbeatTimeoutMillis how long the broker counts as alive
 * @param electionPriority rank among candidates
 */
public record BrokerHeartbeatRequest(
        String brokerName,
        String brokerAddr,
        String clusterName,
        @Nullable Long brokerId,
        @Nullable Integer epoch,
        @Nullable Long maxOffset,
        @Nullable Long confirmOffset,
        @Nullable Long heartbeatTimeoutMillis,
        @Nullable Integer electionPriority)
        implements Header {
    /** Reads the header. */
    public static BrokerHeartbeatRequest read(Fields from) {
        return new BrokerHeartbeatRequest(
                from.requiredText("brokerName"),
                from.requiredText("brokerAddr"),
                from.requiredText("clusterName"),
                from.optionalLong("brokerId"),
                from.optionalInt("epoch"),
                from.optionalLong("maxOffset"),
                from.optionalLong("confirmOffset"),
                from.optionalLong("heartbeatTimeoutMills"),
                from.optionalInt("electionPriority"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("brokerName", brokerName);
        out.put("brokerAddr", brokerAddr);
        out.put("clusterName", clusterName);
        out.putIfPresent("brokerId", brokerId);
        out.putIfPresent("epoch", epoch);
        out.putIfPresent("maxOffset", maxOffset);
        out.putIfPresent("confirmOffset", confirmOffset);
        out.putIfPresent("heartbeatTimeoutMills", heartbeatTimeoutMillis);
        out.putIfPresent("electionPriority", electionPriority);
    }
}
