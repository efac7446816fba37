package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code UNREGISTER_BROKER} (104), {@code QUERY_DATA_VERSION} (322): names one broker: it leaves, or
 * asks whether its topic table is known.
 *
 * @param brokerName name of the broker group
 * @param brokerAddr {@code ip:port} of the broker
 * @param clusterName name of the cluster
 * @param brokerId 0 is the master
 */
public record BrokerRequest(String brokerName, String brokerAddr, String clusterName, long brokerId) implements Header {
    /** Reads the header. */
    public static BrokerRequest read(Fields from) {
        return new BrokerRequest(
                from.requiredText("brokerName"),
                from.requiredText("brokerAddr"),
                from.requiredText("clusterName"),
                from.requiredLong("brokerId"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("brokerName", brokerName);
        out.put("brokerAddr", brokerAddr);
        out.put("clusterName", clusterName);
        out.put("brokerId", brokerId);
    }
}
