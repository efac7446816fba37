package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_BROKER_MEMBER_GROUP} (901): asks for the addresses of a broker group.
 *
 * @param clusterName name of the cluster
 * @param brokerName name of the broker group
 */
public record BrokerMemberGroupRequest(String clusterName, String brokerName) implements Header {
    public static BrokerMemberGroupRequest read(Fields from) {
        return new BrokerMemberGroupRequest(from.requiredText("clusterName"), from.requiredText("brokerName"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("clusterName", clusterName);
        out.put("brokerName", brokerName);
    }
}
