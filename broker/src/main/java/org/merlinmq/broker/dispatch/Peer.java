package org.merlinmq.broker.dispatch;

import java.net.InetSocketAddress;
import org.merlinmq.transport.Connection;

/**
 * A client's address in the form that records hold, worked out once per connection.
 *
 * <p>Threading: immutable.
 */
public final class Peer {
    private final byte[] host;
    private final int port;

    /**
     * Takes over an address.
     *
     * @param address the client's end of the connection
     */
    public Peer(InetSocketAddress address) {
        host = address.getAddress().getAddress();
        port = address.getPort();
    }

    /**
     * The peer of a connection.
     *
     * @param connection one that the dispatcher has seen opened
     * @return its peer
     */
    public static Peer of(Connection connection) {
        if (connection.attachment() instanceof Peer peer) {
            return peer;
        }
        throw new IllegalStateException("the connection " + connection + " was never opened");
    }

    /**
     * The address.
     *
     * @return 4 or 16 bytes; not to be changed
     */
    public byte[] host() {
        return host;
    }

    /**
     * The port.
     *
     * @return 1 to 65535
     */
    public int port() {
        return port;
    }
}
