package org.merlinmq.broker.identity;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * Who this broker is to clients and nameservers.
 *
 * @param clusterName the cluster it belongs to
 * @param brokerName the name its group of replicas shares
 * @param brokerId 0 for the master, larger for slaves
 * @param host the address that clients reach it by; it stands in each record and in each message id
 * @param automaticHost the address was found, not configured: nameservers may answer with one that suits the client
 * @param port the main port
 */
public record BrokerIdentity(
        String clusterName, String brokerName, long brokerId, InetAddress host, boolean automaticHost, int port) {

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

    /**
     * The host as clients write it.
     *
     * @return the address in digits, an IPv6 one in brackets
     */
    public String hostText() {
        String text = host.getHostAddress();
        return host instanceof Inet6Address ? "[" + text + "]" : text;
    }

    /**
     * The address as clients write it.
     *
     * @return {@code host:port}, an IPv6 host in brackets
     */
    public String address() {
        return hostText() + ":" + port;
    }
}
