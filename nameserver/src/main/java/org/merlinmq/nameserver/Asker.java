package org.merlinmq.nameserver;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.merlinmq.transport.Connection;

/**
 * Who asks: by which of this machine's addresses, and from where.
 *
 * @param connection the connection, as an identity
 * @param localHost the host by which the asker reached this nameserver
 * @param remote the asker's own host; null if it was gone before it could be looked at
 */
record Asker(
        Connection connection, String localHost, @Nullable InetAddress remote) {

    static Asker of(Connection connection) {
        InetAddress local = connection.local().getAddress();
        return new Asker(
                connection,
                local == null ? "127.0.0.1" : BrokerAddress.host(local),
                connection.remote().getAddress());
    }
}
