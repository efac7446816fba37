package org.merlinmq.replication.member;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.replication.core.GroupLog;
import org.merlinmq.replication.stream.BrokenStreamException;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.replication.stream.Message.Refusal;
import org.merlinmq.transport.HostPort;
import org.merlinmq.transport.tls.TlsFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of a member: those that it has opened, whose names are negative, and those of others, whose names are positive.
 *
 * <p>Threading: the member's thread; {@link #wake} and {@link #connections} on any.
 */
final class GroupSockets {
    private static final Logger LOG = LoggerFactory.getLogger(GroupSockets.class);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Most connections that others have opened; one more is turned away. */
    private static final int MAX_ACCEPTED = 32;

    private static final int NOBODY = -1;

    private final MemberSetup setup;
    private final GroupLog log;
    private final Listener listener;
    private final LongSupplier nowMillis;

    /** Runs something on the member's thread. */
    private final Consumer<Runnable> orders;

    private final Selector selector;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Map<Integer, GroupConnection> connections = new ConcurrentHashMap<>();

    /** Connections whose address is being looked up. */
    private final Set<Integer> sought = new HashSet<>();

    private int lastAccepted;

    /** Whether something was given to a connection since all were written. */
    private boolean unsent;

    private String lastClosed = "";

    /** Hears what happens to connections that it has not closed itself. */
    interface Listener {
        void connected(int peer);

        void gone(int peer);

        void message(GroupConnection from, Message message);

        /** A connection is closed that an operator has to know of. */
        void refused(String sentence);
    }

    GroupSockets(
            MemberSetup setup, GroupLog log, Listener listener, LongSupplier nowMillis, Consumer<Runnable> orders) {
        this.setup = setup;
        this.log = log;
        this.listener = listener;
        this.nowMillis = nowMillis;
        this.orders = orders;
        try {
            this.selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException("the system has no selector for the replication", e);
        }
    }

    /** Ends {@link #await}, or the next one: what was changed before is seen behind it. */
    void wake() {
        if (!woken.getAndSet(true)) {
            selector.wakeup();
        }
    }

    /** All that are open or being opened. */
    Iterable<GroupConnection> connections() {
        return connections.values();
    }

    boolean isEmpty() {
        return connections.isEmpty();
    }

    boolean has(int peer) {
        return connections.containsKey(peer);
    }

    /** Waits until a socket has something, {@link #wake} or the time; not at all for 0, or if something is to be sent. */
    void await(long millis) throws IOException {
        if (millis == 0 || unsent) {
            selector.selectNow();
        } else if (millis == Long.MAX_VALUE) {
            selector.select();
        } else {
            selector.select(millis);
        }
        woken.set(false);
    }

    /** Takes from the sockets what they have, as much as one read of each brings. */
    void receive() {
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.isValid() && key.attachment() instanceof GroupConnection connection) {
                receive(connection, key);
            }
        }
        selector.selectedKeys().clear();
    }

    private void receive(GroupConnection connection, SelectionKey key) {
        int peer = connection.peer;
        try {
            if (key.isConnectable()) {
                if (connection.connect()) {
                    sendHandshake(connection);
                }
            } else if (key.isReadable()) {
                do {
                    if (connection.receive()) {
                        takeMessages(connection);
                    } else {
                        lost(peer, "the other side closed the connection");
                    }
                } while (connection.hasReceived() && has(peer));
            }
        } catch (IOException e) {
            failed(connection, e);
        }
    }

    private void failed(GroupConnection connection, Exception cause) {
        String sentence = String.valueOf(cause.getMessage());
        if (cause instanceof SSLException) {
            sentence = "there is no TLS between this member and " + connection.name + ": " + sentence;
            listener.refused(sentence);
        }
        lost(connection.peer, sentence);
    }

    private void takeMessages(GroupConnection connection) {
        try {
            while (connections.get(connection.peer) == connection) {
                Message message = connection.next();
                if (message == null) {
                    return;
                }
                take(connection, message);
            }
        } catch (BrokenStreamException e) {
            refuse(connection, String.valueOf(e.getMessage()));
        }
    }

    private void take(GroupConnection connection, Message message) {
        if (message instanceof Refusal refusal && connection.peer > 0) {
            lost(connection.peer, "the other end closes it: " + refusal.sentence());
        } else if (connection.handshake.isDone()) {
            connection.heard = true;
            listener.message(connection, message);
        } else {
            String wrong = connection.handshake.receive(message);
            if (wrong == null) {
                sendHandshake(connection);
                if (connection.handshake.isDone() && connection.peer < 0) {
                    listener.connected(connection.peer);
                }
            } else if (message instanceof Refusal) {
                listener.refused(wrong);
                lost(connection.peer, wrong);
            } else {
                refuse(connection, wrong);
            }
        }
    }

    private void sendHandshake(GroupConnection connection) {
        for (Message next = connection.handshake.next(); next != null; next = connection.handshake.next()) {
            send(connection.peer, next);
        }
    }

    /** Ends a connection, so that an operator hears why at both ends. */
    private void refuse(GroupConnection connection, String sentence) {
        listener.refused(sentence);
        connection.send(new Refusal(0, NOBODY, sentence));
        flushLast(connection);
        lost(connection.peer, sentence);
    }

    /** Sends what waits but for the log, as far as the socket takes it. */
    private void flushLast(GroupConnection connection) {
        connection.forgetLog();
        try {
            connection.flush(log);
        } catch (IOException e) {
            LOG.debug("replica-unsent peer={} cause=\"{}\"", connection.peer, e.getMessage());
        }
    }

    /** When {@link #closeSilent} has something to do. */
    long wakeAt() {
        long at = Long.MAX_VALUE;
        for (GroupConnection each : connections.values()) {
            if (each.peer > 0 && !each.heard) {
                at = Math.min(at, each.openedMillis + setup.settings().timeoutMillis());
            }
        }
        return at;
    }

    /** Closes connections of others that have been opened for long, and for nothing yet. */
    void closeSilent() {
        long opened = nowMillis.getAsLong() - setup.settings().timeoutMillis();
        for (GroupConnection each : connections.values()) {
            if (each.peer > 0 && !each.heard && each.openedMillis <= opened) {
                lost(each.peer, "its other end has sent nothing that this member could answer");
            }
        }
    }

    /** Writes what waits, as much as the sockets take. */
    void send() {
        unsent = false;
        for (GroupConnection connection : connections.values()) {
            try {
                if (!connection.flush(log)) {
                    lost(connection.peer, "it lags behind the beginning of this log: what it needs next was deleted");
                }
            } catch (IOException | DiskException e) {
                failed(connection, e);
            }
        }
    }

    /** Opens a connection; {@link Listener#connected} or {@link Listener#gone} comes of it. */
    void connect(int peer, int member) {
        sought.add(peer);
        // Looking up a name may take long.
        Thread.ofVirtual().name("replica-resolve").start(() -> {
            InetSocketAddress address = find(member);
            orders.accept(() -> connect(peer, member, address));
        });
    }

    private @Nullable InetSocketAddress find(int member) {
        String text = setup.peers().find(member);
        try {
            return text == null ? null : HostPort.parse(text).resolve();
        } catch (IllegalArgumentException e) {
            LOG.debug("replica-not-connected member={} cause=\"{}\"", member, e.getMessage());
            return null;
        }
    }

    private void connect(int peer, int member, @Nullable InetSocketAddress address) {
        if (!sought.remove(peer)) {
            return;
        }
        boolean connected = false;
        try {
            if (address != null && !address.isUnresolved()) {
                connected = open(peer, member, address);
            }
        } catch (IOException e) {
            LOG.debug("replica-not-connected member={} address={} cause=\"{}\"", member, address, e.getMessage());
        }
        if (connected) {
            sendHandshake(Objects.requireNonNull(connections.get(peer)));
        } else if (!connections.containsKey(peer)) {
            listener.gone(peer);
        }
    }

    /** Returns whether the connection is open already. */
    private boolean open(int peer, int member, InetSocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open();
        boolean registered = false;
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            boolean connected = channel.connect(address);
            String name = "member " + member + " at " + hostText(address) + ":" + address.getPort();
            connections.put(peer, connection(peer, name, channel, setup.tls() != null, NOTHING.duplicate()));
            registered = true;
            return connected;
        } finally {
            if (!registered) {
                channel.close();
            }
        }
    }

    private GroupConnection connection(
            int peer, String name, SocketChannel channel, boolean encrypted, ByteBuffer first) throws IOException {
        Handshake handshake = new Handshake(setup.settings(), setup.secret(), peer < 0);
        TlsFiles files = encrypted ? setup.tls() : null;
        TlsChannel tls =
                files == null ? null : new TlsChannel(channel, files.context(listener::refused), peer < 0, first);
        return new GroupConnection(
                peer,
                name,
                handshake,
                nowMillis.getAsLong(),
                channel,
                tls,
                selector,
                tls == null ? first : NOTHING.duplicate(),
                setup.settings().chunkBytes());
    }

    /** Takes a connection that another one has opened, with what was read of it; or closes it, if there are too many. */
    void accept(SocketChannel channel, ByteBuffer first) {
        GroupConnection connection = null;
        boolean encrypted = first.get(first.position()) == TlsChannel.FIRST_BYTE;
        try {
            long accepted =
                    connections.keySet().stream().filter(peer -> peer > 0).count();
            if (accepted < MAX_ACCEPTED) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                String name = "the one that has connected from " + hostText(channel.getRemoteAddress());
                connection = connection(++lastAccepted, name, channel, encrypted, first);
                connections.put(connection.peer, connection);
            } else {
                LOG.warn("replica-refused cause=\"{} members are connected, the most there may be\"", MAX_ACCEPTED);
            }
        } catch (IOException e) {
            LOG.debug("replica-not-accepted cause=\"{}\"", e.getMessage());
        }
        if (connection == null) {
            close(channel);
        } else if (encrypted != (setup.tls() != null)) {
            refuse(connection, differs(encrypted, connection));
        } else {
            takeMessages(connection);
        }
    }

    /** Without the port, which is another one each time: what is reported is to be the same. */
    private static String hostText(SocketAddress address) {
        return address instanceof InetSocketAddress known
                ? HostPort.hostText(known.getAddress())
                : String.valueOf(address);
    }

    private String differs(boolean encrypted, GroupConnection other) {
        String with = "member " + setup.settings().member();
        return (encrypted ? other.name : with) + " uses TLS, and " + (encrypted ? with : other.name) + " does not: "
                + TlsChannel.ALL_OR_NONE;
    }

    static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("replica-socket-not-closed cause=\"{}\"", e.getMessage());
        }
    }

    /** Sends a message, unless the connection has ended. */
    void send(int peer, Message message) {
        GroupConnection to = connections.get(peer);
        if (to != null) {
            unsent = true;
            to.send(message);
        }
    }

    /** Sends bytes of the log, unless the connection has ended. */
    void sendLog(int peer, int epoch, long from, int count, long confirmedEnd) {
        GroupConnection to = connections.get(peer);
        if (to != null) {
            unsent = true;
            to.sendLog(epoch, from, count, confirmedEnd);
        }
    }

    /** Ends a connection. What the other end is to hear goes out before, if its socket takes it; nothing of the log does. */
    void close(int peer, String why) {
        sought.remove(peer);
        GroupConnection connection = connections.get(peer);
        if (connection != null) {
            flushLast(connection);
            forget(peer, why);
        }
    }

    /** Ends a connection that is of no use any more, and says so. */
    void lost(int peer, String why) {
        if (forget(peer, why)) {
            listener.gone(peer);
        }
    }

    /** Ends a connection at once; returns whether there was one. */
    boolean forget(int peer, String why) {
        GroupConnection connection = connections.remove(peer);
        if (connection == null) {
            return false;
        }
        connection.close();
        if (!why.isEmpty() && !why.equals(lastClosed)) {
            lastClosed = why;
            LOG.info("replica-disconnected peer={} member={} cause=\"{}\"", peer, connection.member(), why);
        }
        return true;
    }

    /** Ends all connections at once. */
    void forgetAll() {
        sought.clear();
        List.copyOf(connections.keySet()).forEach(peer -> forget(peer, ""));
    }

    /** Ends all connections, and takes none any more. */
    void close() {
        forgetAll();
        try {
            selector.close();
        } catch (IOException e) {
            LOG.debug("replica-selector-not-closed cause=\"{}\"", e.getMessage());
        }
    }
}
