package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_TOPICS_BY_CLUSTER} (224): names a cluster.
 *
 * @param cluster the cluster
 */
public record ClusterRequest(String cluster) implements Header {
    public static ClusterRequest read(Fields from) {
        return new ClusterRequest(from.requiredText("cluster"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("cluster", cluster);
    }
}
