package org.merlinmq.transport.dispatch;

import org.merlinmq.transport.Connection;

/** Told of connections that end, so that the clients behind them are forgotten at once. */
@FunctionalInterface
public interface ConnectionListener {
    /**
     * A connection has ended.
     *
     * @param connection the connection; on its event loop
     */
    void closed(Connection connection);
}
