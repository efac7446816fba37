package org.merlinmq.broker.client;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.transport.Connection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channel that a connection is.
 *
 * @param connection the connection
 */
public record ConnectionChannel(Connection connection) implements Channel {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionChannel.class);

    @Override
    public String address() {
        InetSocketAddress remote = connection.remote();
        return remote.getAddress().getHostAddress() + ":" + remote.getPort();
    }

    @Override
    public Session session() {
        return Session.of(connection);
    }

    @Override
    public void send(Frame oneway) {
        connection.send(oneway);
    }

    @Override
    public CompletableFuture<Boolean> deliver(Frame oneway) {
        CompletableFuture<Boolean> delivered = new CompletableFuture<>();
        try {
            connection.loop().runOrExecute(() -> {
                boolean takes = connection.writable();
                if (takes) {
                    connection.send(oneway);
                }
                delivered.complete(takes);
            });
        } catch (RejectedExecutionException closed) {
            delivered.complete(false);
        }
        return delivered;
    }

    @Override
    public CompletableFuture<Frame> call(Frame request, Duration timeout) {
        return connection.call(request, timeout);
    }

    @Override
    public void runIn(long millis, Runnable task) {
        try {
            connection.loop().schedule(task, millis);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("channel-task-left-out cause=\"the broker stops\"");
        }
    }

    @Override
    public boolean isOpen() {
        return connection.isOpen();
    }

    @Override
    public void close(String reason) {
        connection.close(reason);
    }
}
