package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code REGISTER_BROKER} (103): announces a broker; the topics are in the body.
 *
 * @param brokerName name of the broker group
 * @param brokerAddr {@code ip:port} of the broker
 * @param clusterName name of the cluster
 * @param haServerAddr where replication listens; null if nowhere
 * @param brokerId 0 is the master
 * @param compressed whether the body is compressed
 * @param bodyCrc32 checksum of the body, 0: none
 * @param heartbeatTimeoutMillis how long the broker counts as alive; null: the nameserver's default
 * @param enableActingMaster whether a slave may act as master; null from brokers before 5.0
 */
public record RegisterBrokerRequest(
        String brokerName,
        String brokerAddr,
        String clusterName,
        @Nullable String haServerAddr,
        long brokerId,
        boolean compressed,
        int bodyCrc32,
        @Nullable Long heartbeatTimeoutMillis,
        @Nullable Boolean enableActingMaster)
        implements Header {
    /** Reads the header. */
    public static RegisterBrokerRequest read(Fields from) {
        return new RegisterBrokerRequest(
                from.requiredText("brokerName"),
                from.requiredText("brokerAddr"),
                from.requiredText("clusterName"),
                from.text("haServerAddr"),
                from.requiredLong("brokerId"),
                from.flagOr("compressed", false),
                from.intOr("bodyCrc32", 0),
                from.optionalLong("heartbeatTimeoutMillis"),
                from.optionalFlag("enableActingMaster"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("brokerName", brokerName);
        out.put("brokerAddr", brokerAddr);
        out.put("clusterName", clusterName);
        out.putIfPresent("haServerAddr", haServerAddr);
        out.put("brokerId", brokerId);
        out.put("compressed", compressed);
        out.put("bodyCrc32", bodyCrc32);
        out.putIfPresent("heartbeatTimeoutMillis", heartbeatTimeoutMillis);
        out.putIfPresent("enableActingMaster", enableActingMaster);
    }
}
