package org.merlinmq.nameserver;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.HostPort;

/**
 * The sender of a request: some answers depend on the address by which it reached this machine.
 *
 * @param connection its connection
 * @param localHost the host by which it reached this nameserver
 * @param remote its own host; null if it disconnected before it could be read
 */
record Requester(
        Connection connection, String localHost, @Nullable InetAddress remote) {

    static Requester of(Connection connection) {
        InetAddress local = connection.local().getAddress();
        return new Requester(
                connection,
                local == null ? "127.0.0.1" : HostPort.hostText(local),
                connection.remote().getAddress());
    }

    /** The requester that was attached to a connection when it opened. */
    static Requester at(Connection connection) {
        if (connection.attachment() instanceof Requester requester) {
            return requester;
        }
        throw new IllegalStateException("a frame before opened() on " + connection);
    }
}
