package org.merlinmq.replication.member;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.thread.PlatformThreads;
import org.merlinmq.replication.stream.MessageCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the connections of the replication port, and gives each to those who speak its language: what a member says begins with
 * {@code M}, or with a record of TLS; what a slave of RocketMQ's says is a log offset, and begins with a zero byte.
 *
 * <p>Threading: one thread, {@code replica-accept}, asleep between connections; the takers are called by it.
 */
public final class GroupAcceptor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupAcceptor.class);

    /** Most connections that have not said anything yet; one more is closed. */
    private static final int MAX_SILENT = 32;

    /** A connection that says nothing is closed: RocketMQ's slaves may take 5 s. */
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static final long ACCEPT_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int FIRST_BYTES = 8;

    private final ServerSocketChannel server;
    private final Taker members;
    private final Taker slaves;
    private final Selector selector;
    private final Thread thread;
    private volatile boolean closing;

    /** Takes a connection. */
    @FunctionalInterface
    public interface Taker {
        /**
         * Takes a connection, or closes it; must not block.
         *
         * @param channel connected, not blocking
         * @param first what was read of it
         */
        void take(SocketChannel channel, ByteBuffer first);
    }

    /** A connection that has not said anything yet. */
    private record Silent(SocketChannel channel, long sinceNanos) {}

    /** One that has. */
    private record Chosen(SocketChannel channel, ByteBuffer first) {}

    private GroupAcceptor(ServerSocketChannel server, Taker members, Taker slaves, Selector selector) {
        this.server = server;
        this.members = members;
        this.slaves = slaves;
        this.selector = selector;
        this.thread = Thread.ofPlatform().name("replica-accept").unstarted(this::run);
    }

    /**
     * Begins to take connections.
     *
     * @param server a bound socket, which is this one's from now on
     * @param members takes those of members
     * @param slaves takes those of RocketMQ's slaves
     * @return the running acceptor
     * @throws IOException if the system has no selector
     */
    public static GroupAcceptor serve(ServerSocketChannel server, Taker members, Taker slaves) throws IOException {
        Selector selector = Selector.open();
        boolean registered = false;
        try {
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            registered = true;
        } finally {
            if (!registered) {
                selector.close();
            }
        }
        GroupAcceptor acceptor = new GroupAcceptor(server, members, slaves, selector);
        acceptor.thread.start();
        return acceptor;
    }

    /** The port that is listened on. */
    public int port() {
        return server.socket().getLocalPort();
    }

    private void run() {
        try {
            while (!closing) {
                turn();
            }
        } catch (IOException e) {
            LOG.error(
                    "replica-accept-failed cause=\"{}\" action=\"no slave can connect until a restart\"",
                    e.getMessage());
        } finally {
            for (SelectionKey key : selector.keys()) {
                close(key);
            }
        }
    }

    private void turn() throws IOException {
        selector.select(hasSilent() ? TimeUnit.NANOSECONDS.toMillis(SILENCE_NANOS) : 0);
        List<Chosen> chosen = new ArrayList<>();
        for (SelectionKey key : selector.selectedKeys()) {
            if (!key.isValid()) {
                continue;
            }
            if (key.attachment() instanceof Silent silent) {
                Chosen next = read(key, silent);
                if (next != null) {
                    chosen.add(next);
                }
            } else {
                accept();
            }
        }
        selector.selectedKeys().clear();
        closeSilent();
        if (!chosen.isEmpty()) {
            // So that this selector knows the channels no more; what else it finds is found again.
            selector.selectNow();
            selector.selectedKeys().clear();
            chosen.forEach(this::give);
        }
    }

    private boolean hasSilent() {
        return selector.keys().size() > 1;
    }

    private void accept() {
        try {
            SocketChannel channel = server.accept();
            if (channel == null) {
                return;
            }
            if (selector.keys().size() > MAX_SILENT) {
                LOG.warn(
                        "replica-refused address={} cause=\"{} connections say nothing\"",
                        address(channel),
                        MAX_SILENT);
                channel.close();
                return;
            }
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, new Silent(channel, System.nanoTime()));
        } catch (IOException e) {
            LOG.warn("replica-not-accepted cause=\"{}\" action=\"tried again in a second\"", e.getMessage());
            LockSupport.parkNanos(this, ACCEPT_AGAIN_NANOS);
        }
    }

    private static @Nullable SocketAddress address(SocketChannel channel) throws IOException {
        return channel.getRemoteAddress();
    }

    /** Reads the first bytes of a connection; null if there are none. */
    private static @Nullable Chosen read(SelectionKey key, Silent silent) {
        ByteBuffer first = ByteBuffer.allocate(FIRST_BYTES);
        try {
            int count = silent.channel.read(first);
            if (count > 0) {
                key.cancel();
                return new Chosen(silent.channel, first.flip());
            }
            if (count < 0) {
                close(key);
            }
        } catch (IOException e) {
            LOG.debug("replica-lost cause=\"{}\"", e.getMessage());
            close(key);
        }
        return null;
    }

    private void give(Chosen chosen) {
        byte said = chosen.first.get(0);
        boolean ofMember = said == MessageCodec.FIRST_BYTE || said == TlsChannel.FIRST_BYTE;
        (ofMember ? members : slaves).take(chosen.channel, chosen.first);
    }

    private void closeSilent() {
        long now = System.nanoTime();
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Silent silent
                    && key.isValid()
                    && now - silent.sinceNanos >= SILENCE_NANOS) {
                close(key);
            }
        }
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException e) {
            LOG.debug("replica-socket-not-closed cause=\"{}\"", e.getMessage());
        }
    }

    /** Takes no connections any more; those that were given away are their takers' to close. */
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        PlatformThreads.join(thread);
        try {
            selector.close();
            server.close();
        } catch (IOException e) {
            LOG.warn("replica-port-not-closed cause=\"{}\"", e.getMessage());
        }
    }
}
