package org.merlinmq.nameserver;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.request.GroupLead;

/**
 * A broker's registration: its identity, its addresses and its topics.
 *
 * @param cluster the cluster it belongs to
 * @param brokerName the name of its group
 * @param brokerId 0 for the master
 * @param address where clients reach it
 * @param haServer where its slaves reach it
 * @param leaseMillis how long it counts as alive without a renewal
 * @param actingMaster whether its lowest slave stands in for a missing master
 * @param dataVersion the version of its topics
 * @param topics all its topics, or the changed ones
 * @param connection the connection it came over, as an identity; null from a broker in the same process
 * @param lead by what right it is the master, where its group decides that; else null
 */
public record BrokerRegistration(
        String cluster,
        String brokerName,
        long brokerId,
        BrokerAddress address,
        BrokerAddress haServer,
        long leaseMillis,
        boolean actingMaster,
        DataVersion dataVersion,
        Collection<TopicConfig> topics,
        @Nullable Object connection,
        @Nullable GroupLead lead) {

    /** How long a broker counts as alive without a renewal, unless it asks for another lease. */
    public static final long DEFAULT_LEASE_MILLIS = 120_000;

    /** Throws an {@link IllegalArgumentException} that names a field that clients could not use. */
    public BrokerRegistration {
        checkName("clusterName", cluster);
        checkName("brokerName", brokerName);
        if (brokerId < 0) {
            throw new IllegalArgumentException("brokerId must be 0 or more, found " + brokerId);
        }
        address.check("brokerAddr");
        if (leaseMillis < 1) {
            throw new IllegalArgumentException("heartbeatTimeoutMillis must be positive, found " + leaseMillis);
        }
    }

    /** A broker of no group. */
    BrokerRegistration(
            String cluster,
            String brokerName,
            long brokerId,
            BrokerAddress address,
            BrokerAddress haServer,
            long leaseMillis,
            boolean actingMaster,
            DataVersion dataVersion,
            Collection<TopicConfig> topics,
            @Nullable Object connection) {
        this(
                cluster,
                brokerName,
                brokerId,
                address,
                haServer,
                leaseMillis,
                actingMaster,
                dataVersion,
                topics,
                connection,
                null);
    }

    private static void checkName(String field, String found) {
        if (found.isBlank()) {
            throw new IllegalArgumentException(field + " is empty");
        }
    }
}
