package org.merlinmq.replication.apache;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.thread.PlatformThreads;
import org.merlinmq.storage.Storage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves RocketMQ's slaves: listens on the port next to the broker's own, and gives each slave the log.
 *
 * <p>Threading: {@code replica-accept} takes connections; each has a thread of its own, {@code replica-N}. Platform threads, since
 * they read files most of the time, which would hold the carrier of a virtual one, and since there are a few.
 *
 * <p>Errors: a slave that cannot be served is logged with the cure and its connection closed; it comes again.
 */
public final class ApacheMaster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApacheMaster.class);

    /** Most slaves at a time; one more is turned away. */
    private static final int MAX_SLAVES = 32;

    private static final int SEND_BUFFER_BYTES = 1 << 20;
    private static final long ACCEPT_AGAIN_NANOS = 1_000_000_000L;

    /** None where another one takes the connections. */
    private final @Nullable ServerSocketChannel server;

    private final Storage storage;
    private final StreamTiming timing;
    private final SlaveListener listener;
    private final Set<Peer> peers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger number = new AtomicInteger();
    private final Thread acceptor;
    private volatile boolean closing;

    /** A slave's connection with its thread. */
    private record Peer(SocketAddress address, ApacheMasterStream stream, PeerConnection connection, Thread thread) {}

    /**
     * Where a slave is.
     *
     * @param address where it connects from, {@code ip:port}
     * @param sentLogOffset all of the log below was sent to it; -1 before its first report
     * @param ackedLogOffset all below is written there, as it reported; -1 before its first report
     * @param bytesPerSecond what it was sent lately
     */
    public record SlavePosition(String address, long sentLogOffset, long ackedLogOffset, long bytesPerSecond) {}

    private ApacheMaster(
            @Nullable ServerSocketChannel server, Storage storage, StreamTiming timing, SlaveListener listener) {
        this.server = server;
        this.storage = storage;
        this.timing = timing;
        this.listener = listener;
        this.acceptor = Thread.ofPlatform().name("replica-accept").unstarted(() -> {
            if (server != null) {
                accept(server);
            }
        });
    }

    /**
     * Begins to serve slaves whose connections another one takes, and gives to {@link #take}.
     *
     * @param storage whose log they get
     * @param timing of the connections
     * @param listener hears what slaves have
     * @return the running service
     */
    public static ApacheMaster serve(Storage storage, StreamTiming timing, SlaveListener listener) {
        return new ApacheMaster(null, storage, timing, listener);
    }

    /**
     * Serves a slave.
     *
     * @param channel connected, and this one's from now on
     * @param first what was read of it already
     */
    public void take(SocketChannel channel, ByteBuffer first) {
        byte[] bytes = new byte[first.remaining()];
        first.get(bytes);
        try {
            serve(channel, bytes);
        } catch (IOException e) {
            LOG.warn("replica-not-served cause=\"{}\"", e.getMessage());
        }
    }

    /**
     * Takes a port. Who connects before {@link #serve} waits.
     *
     * @param address where to listen; port 0 for any free one
     * @return the socket, which is to be closed if nothing serves it
     * @throws IOException if the port cannot be had
     */
    public static ServerSocketChannel bind(InetSocketAddress address) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        boolean bound = false;
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(address);
            bound = true;
            return server;
        } finally {
            if (!bound) {
                server.close();
            }
        }
    }

    /**
     * Begins to serve slaves.
     *
     * @param server a bound socket, which is this one's from now on
     * @param storage whose log they get
     * @param timing of the connections
     * @param listener hears what slaves have
     * @return the running service
     */
    public static ApacheMaster serve(
            ServerSocketChannel server, Storage storage, StreamTiming timing, SlaveListener listener) {
        ApacheMaster master = new ApacheMaster(server, storage, timing, listener);
        master.acceptor.start();
        return master;
    }

    /** The port that is listened on; -1 if another one does. */
    public int port() {
        return server == null ? -1 : server.socket().getLocalPort();
    }

    /**
     * The slaves that are connected now.
     *
     * @return where each is
     */
    public List<SlavePosition> slaves() {
        long now = PeerConnection.nowMillis();
        return peers.stream()
                .map(peer -> new SlavePosition(
                        text(peer.address),
                        peer.stream.sentLogOffset(),
                        peer.stream.ackedLogOffset(),
                        peer.stream.bytesPerSecond(now)))
                .toList();
    }

    private static String text(SocketAddress address) {
        return address instanceof InetSocketAddress ip
                ? ip.getAddress().getHostAddress() + ':' + ip.getPort()
                : address.toString();
    }

    private void accept(ServerSocketChannel server) {
        while (!closing) {
            try {
                SocketChannel channel = server.accept();
                serve(channel, new byte[0]);
            } catch (AsynchronousCloseException closed) {
                LOG.debug("replica-accept-ends");
                return;
            } catch (IOException e) {
                if (closing) {
                    return;
                }
                LOG.warn("replica-not-accepted cause=\"{}\" action=\"tried again in a second\"", e.getMessage());
                LockSupport.parkNanos(this, ACCEPT_AGAIN_NANOS);
            }
        }
    }

    private void serve(SocketChannel channel, byte[] first) throws IOException {
        SocketAddress address = channel.getRemoteAddress();
        if (peers.size() >= MAX_SLAVES) {
            LOG.warn(
                    "replica-refused address={} cause=\"{} slaves are connected, the most there may be\"",
                    address,
                    MAX_SLAVES);
            channel.close();
            return;
        }
        PeerConnection connection = connection(channel);
        ApacheMasterStream stream = new ApacheMasterStream(
                storage, timing, logOffset -> listener.reported(address, logOffset), PeerConnection.nowMillis());
        Thread thread = Thread.ofPlatform()
                .name("replica-" + number.incrementAndGet())
                .unstarted(() -> {
                    stream.receive(first, 0, first.length, PeerConnection.nowMillis());
                    run(address, stream, connection);
                });
        Peer peer = new Peer(address, stream, connection, thread);
        peers.add(peer);
        thread.start();
        if (closing) {
            connection.close();
        }
    }

    /** Closes the channel if it cannot be set up: a slave may have left already. */
    private static PeerConnection connection(SocketChannel channel) throws IOException {
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
            return new PeerConnection(channel, true);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void run(SocketAddress address, ApacheMasterStream stream, PeerConnection connection) {
        LOG.info("replica-connected address={}", address);
        String why;
        try {
            why = connection.run(stream);
        } catch (IOException | DiskException e) {
            why = String.valueOf(e.getMessage());
        } finally {
            peers.removeIf(peer -> peer.connection == connection);
            listener.gone(address);
        }
        if (closing) {
            LOG.info("replica-closed address={}", address);
        } else {
            LOG.warn(
                    "replica-lost address={} sent={} acked={} cause=\"{}\"",
                    address,
                    stream.sentLogOffset(),
                    stream.ackedLogOffset(),
                    why);
        }
    }

    /** Closes all connections and waits for their threads. */
    @Override
    public void close() {
        closing = true;
        try {
            if (server != null) {
                server.close();
            }
        } catch (IOException e) {
            LOG.warn("replica-port-not-closed cause=\"{}\"", e.getMessage());
        }
        PlatformThreads.join(acceptor);
        List<Peer> last = List.copyOf(peers);
        last.forEach(peer -> peer.connection.close());
        last.forEach(peer -> PlatformThreads.join(peer.thread));
    }
}
