package org.merlinmq.cli.mqadmin;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code -b} and {@code -c}: one broker, or the masters of a cluster. */
final class Where {
    @Option(
            names = {"-b", "--brokerAddr"},
            paramLabel = "ADDR",
            description = "The broker, host:port.")
    private @Nullable String broker;

    @Option(
            names = {"-c", "--clusterName", "--cluster"},
            paramLabel = "CLUSTER",
            description = "In place of -b: every master of this cluster.")
    private @Nullable String cluster;

    List<String> brokers(Session session) {
        return session.brokers(broker, cluster);
    }

    boolean isOneBroker() {
        return broker != null;
    }

    /** The cluster's name; null if there is none. */
    @Nullable String cluster() {
        return cluster;
    }
}
