package org.merlinmq.broker.registry;

/**
 * Who this broker is to nameservers.
 *
 * @param cluster the cluster it belongs to
 * @param brokerName the name that it shares with its slaves
 * @param brokerId 0 for a master
 * @param host where clients reach it; only a guess if {@code automatic}
 * @param port its main port
 * @param haPort where slaves reach it
 * @param automatic whether nobody chose the host (no brokerIP1): then each nameserver is told the one by which this
 *     machine reaches it, and one of ours answers each client with the one that the client can reach
 */
public record Registrant(
        String cluster, String brokerName, long brokerId, String host, int port, int haPort, boolean automatic) {

    /**
     * Where clients reach it.
     *
     * @return {@code host:port}
     */
    public String address() {
        return host + ":" + port;
    }

    /**
     * Where slaves reach it.
     *
     * @return {@code host:port}
     */
    public String haAddress() {
        return host + ":" + haPort;
    }

    /**
     * The same broker by another host.
     *
     * @param other the host
     * @return the changed identity
     */
    public Registrant withHost(String other) {
        return new Registrant(cluster, brokerName, brokerId, other, port, haPort, automatic);
    }
}
