package org.merlinmq.broker.identity;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.request.GroupLead;
import org.merlinmq.transport.HostPort;

/**
 * Who this broker is to clients and nameservers.
 *
 * @param clusterName the cluster it belongs to
 * @param brokerName the name its group of replicas shares
 * @param brokerId 0 for the master, larger for slaves
 * @param host the address at which clients reach it; it stands in each record and in each message id
 * @param automaticHost whether the host was found and not configured (no brokerIP1): each nameserver then gets the one by
 *     which this machine reaches it, and one of ours answers each client with the one that the client can reach
 * @param port the main port
 * @param haHost the address at which slaves reach it (brokerIP2); null for {@code host}
 * @param haPort the port where slaves reach it
 * @param lead by what right it is the master, where its group decides that; else null
 */
public record BrokerIdentity(
        String clusterName,
        String brokerName,
        long brokerId,
        InetAddress host,
        boolean automaticHost,
        int port,
        @Nullable InetAddress haHost,
        int haPort,
        @Nullable GroupLead lead) {

    /** Checks the names. */
    public BrokerIdentity {
        if (clusterName.isEmpty() || brokerName.isEmpty()) {
            throw new IllegalArgumentException("brokerClusterName and brokerName must not be empty");
        }
        if (brokerId < 0) {
            throw new IllegalArgumentException(
                    "brokerId must be 0 for a master or positive for a slave, not " + brokerId);
        }
    }

    /** A broker whose slaves reach it at the address that clients use. */
    public BrokerIdentity(
            String clusterName,
            String brokerName,
            long brokerId,
            InetAddress host,
            boolean automaticHost,
            int port,
            int haPort) {
        this(clusterName, brokerName, brokerId, host, automaticHost, port, null, haPort, null);
    }

    /** The address as clients write it: {@code host:port}, an IPv6 host in brackets. */
    public String address() {
        return HostPort.hostText(host) + ":" + port;
    }

    /** The address where slaves reach it: {@code host:haPort}. */
    public String haAddress() {
        return HostPort.hostText(haHost == null ? host : haHost) + ":" + haPort;
    }

    /** The same broker at another host. */
    public BrokerIdentity withHost(InetAddress other) {
        return new BrokerIdentity(clusterName, brokerName, brokerId, other, automaticHost, port, haHost, haPort, lead);
    }

    /** The same broker with another id: in another role. */
    public BrokerIdentity withBrokerId(long other) {
        return new BrokerIdentity(clusterName, brokerName, other, host, automaticHost, port, haHost, haPort, lead);
    }

    /** The same broker, whose slaves reach it at another port. */
    public BrokerIdentity withHaPort(int other) {
        return new BrokerIdentity(clusterName, brokerName, brokerId, host, automaticHost, port, haHost, other, lead);
    }

    /** The same broker as the master by this right; null if by none. */
    public BrokerIdentity withLead(@Nullable GroupLead other) {
        return new BrokerIdentity(clusterName, brokerName, brokerId, host, automaticHost, port, haHost, haPort, other);
    }
}
