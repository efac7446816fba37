package org.merlinmq.nameserver;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.DataVersion;

/**
 * A live broker: its identity, the version of its topics, and how long it counts as alive.
 *
 * <p>Threading: owned by {@link RouteRegistry}, under its lock.
 */
final class BrokerLease {
    final String cluster;
    final String brokerName;
    final long brokerId;
    final BrokerAddress address;
    final BrokerAddress haServer;
    final long leaseMillis;
    final @Nullable Object connection;
    DataVersion dataVersion;
    long renewedMillis;

    BrokerLease(BrokerRegistration from, long nowMillis) {
        cluster = from.cluster();
        brokerName = from.brokerName();
        brokerId = from.brokerId();
        address = from.address();
        haServer = from.haServer();
        leaseMillis = from.leaseMillis();
        connection = from.connection();
        dataVersion = from.dataVersion();
        renewedMillis = nowMillis;
    }

    boolean expired(long nowMillis) {
        return nowMillis - renewedMillis > leaseMillis;
    }

    /** Whether {@code now} registers the same address under another name or in another cluster, so that this lease ends. */
    boolean isReplacedBy(BrokerRegistration now) {
        return address.text().equals(now.address().text())
                && !(brokerName.equals(now.brokerName()) && cluster.equals(now.cluster()));
    }

    @Override
    public String toString() {
        return "broker=" + brokerName + " id=" + brokerId + " cluster=" + cluster + " address=" + address.text();
    }
}
