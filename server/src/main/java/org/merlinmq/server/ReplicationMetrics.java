package org.merlinmq.server;

import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.replicate.Replication;
import org.merlinmq.console.MetricsSink;
import org.merlinmq.console.MetricsSource;
import org.merlinmq.protocol.body.ReplicaStatus;
import org.merlinmq.protocol.body.ReplicationStatus;

/** What a broker is among those that have the same log, and how far the others are. */
final class ReplicationMetrics implements MetricsSource {
    private final CommonLabels common;
    private final Replication replication;

    ReplicationMetrics(BrokerIdentity identity, Replication replication) {
        this.common = new CommonLabels(identity.clusterName(), identity.brokerName());
        this.replication = replication;
    }

    @Override
    public void collect(MetricsSink out) {
        ReplicationStatus status = replication.status();
        boolean master = status.role().equals(ReplicationStatus.MASTER);
        out.gauge("merlinmq_replication_master", "1 if it takes sends.", master ? 1 : 0, common.and());
        out.gauge("merlinmq_replication_epoch", "In which it leads, or that it follows.", status.epoch(), common.and());
        if (!master) {
            return;
        }
        long inSync = status.replicas().stream().filter(ReplicaStatus::inSync).count();
        out.gauge("merlinmq_replication_copies_needed", "Others that a send waits for.", status.copies(), common.and());
        out.gauge("merlinmq_replication_copies_in_sync", "Others that keep up.", inSync, common.and());
        out.gauge("merlinmq_replication_waiting", "Appends that wait for others now.", status.waiting(), common.and());
        for (ReplicaStatus copy : status.replicas()) {
            String[] labels = common.and("copy", copy.address());
            out.gauge("merlinmq_replication_lag_bytes", "What another one lacks of the log.", copy.lagBytes(), labels);
        }
    }
}
