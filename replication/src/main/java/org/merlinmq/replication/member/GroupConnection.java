package org.merlinmq.replication.member;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.core.GroupLog;
import org.merlinmq.replication.stream.BrokenStreamException;
import org.merlinmq.replication.stream.Message;
import org.merlinmq.replication.stream.Message.Ack;
import org.merlinmq.replication.stream.Message.Hello;
import org.merlinmq.replication.stream.MessageCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket between two members: bytes become messages and messages bytes.
 *
 * <p>What is to be sent of the log is kept as a range, and read when the socket takes it: from the system's cache into the buffer
 * that is written, so that a slow follower holds no more memory than one chunk.
 *
 * <p>Threading: the member's thread; what is shown of the follower on any.
 */
final class GroupConnection {
    private static final Logger LOG = LoggerFactory.getLogger(GroupConnection.class);

    /** The buffers that most connections need. They grow to twice the longest message. */
    private static final int SMALL_BYTES = 64 << 10;

    /** What a stranger may send before it has said who it is: room for a hello with all epochs that there may be. */
    private static final int FIRST_BYTES = 1 << 20;

    /** Something to be sent. */
    private sealed interface Item {
        record Whole(Message message) implements Item {}

        record Range(int epoch, long from, int count, long confirmedEnd) implements Item {}
    }

    final int peer;

    /** Who is at the other end, for an operator. */
    final String name;

    final Handshake handshake;
    final long openedMillis;
    private final SocketChannel channel;

    /** TLS over the channel; null without. */
    private final @Nullable TlsChannel tls;

    /** What messages are read of and written to: the channel, or the TLS over it. */
    private final ByteChannel bytes;

    private final SelectionKey key;
    private final int chunkBytes;
    private final ArrayDeque<Item> waiting = new ArrayDeque<>();

    /** The bytes of the first one that waits, if they are known. */
    private @Nullable ByteBuffer encoded;

    /** What has come and is no message yet: from {@code taken} to its position. */
    private ByteBuffer in = ByteBuffer.allocateDirect(SMALL_BYTES);

    private int taken;

    /** Whether something came that was whole; and whether something came that the handshake did not want. */
    private boolean known;

    boolean heard;

    /** What the socket has not taken yet: from its position to its limit. */
    private ByteBuffer out = ByteBuffer.allocateDirect(SMALL_BYTES).flip();

    // What the other end has said of itself; written by the thread.
    private volatile int member = -1;
    private volatile long written;
    private volatile long flushed;
    private volatile long levelMillis;

    /**
     * A connection over a channel, which is this one's from now on.
     *
     * @param peer its number
     * @param name who is at the other end, for an operator
     * @param handshake that comes before all else
     * @param nowMillis the time
     * @param channel not blocking; connected or connecting
     * @param tls over the channel; null without
     * @param selector that it is waited on with
     * @param first messages' bytes that were read of it already
     * @param chunkBytes the most of the log in one message
     */
    GroupConnection(
            int peer,
            String name,
            Handshake handshake,
            long nowMillis,
            SocketChannel channel,
            @Nullable TlsChannel tls,
            Selector selector,
            ByteBuffer first,
            int chunkBytes)
            throws IOException {
        this.peer = peer;
        this.name = name;
        this.handshake = handshake;
        this.openedMillis = nowMillis;
        this.channel = channel;
        this.tls = tls;
        this.bytes = tls == null ? channel : tls;
        this.chunkBytes = chunkBytes;
        int wanted = channel.isConnected() ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT;
        this.key = channel.register(selector, wanted, this);
        in.put(first);
    }

    /** Ends connecting; false if it goes on. */
    boolean connect() throws IOException {
        if (!channel.finishConnect()) {
            return false;
        }
        key.interestOps(SelectionKey.OP_READ);
        return true;
    }

    boolean isConnected() {
        return channel.isConnected();
    }

    /** The member at the other end, if it has said so; -1 else. */
    int member() {
        return member;
    }

    long written() {
        return written;
    }

    long flushed() {
        return flushed;
    }

    /** When it last had all of the log. */
    long levelMillis() {
        return levelMillis;
    }

    /** Takes what has come, as much as one read brings; false at the stream's end. */
    boolean receive() throws IOException {
        return bytes.read(in) >= 0;
    }

    /** Whether there is more than the last {@link #receive} brought, of which the selector does not know. */
    boolean hasReceived() {
        return tls != null && tls.hasMore();
    }

    /**
     * The next message of those that have come whole.
     *
     * @return null if there is none
     * @throws BrokenStreamException if what came is none
     */
    @Nullable Message next() {
        int have = in.position() - taken;
        if (have < MessageCodec.HEAD_BYTES) {
            makeRoom(MessageCodec.HEAD_BYTES);
            return null;
        }
        int bytes =
                MessageCodec.HEAD_BYTES + MessageCodec.bodyBytes(in.duplicate().position(taken));
        if (!known && bytes > FIRST_BYTES) {
            throw new BrokenStreamException("the first message of a connection has " + bytes
                    + " bytes, more than any hello: expected at most " + FIRST_BYTES);
        }
        if (have < bytes) {
            makeRoom(bytes);
            return null;
        }
        Message message = MessageCodec.decode(in.duplicate().position(taken).limit(taken + bytes));
        taken += bytes;
        known = true;
        return message;
    }

    /** Moves what has come to the buffer's beginning, and grows it if so many bytes do not fit. */
    private void makeRoom(int bytes) {
        if (taken == 0 && in.capacity() >= bytes) {
            return;
        }
        in.flip().position(taken);
        if (in.capacity() >= bytes) {
            in.compact();
        } else {
            int most = MessageCodec.HEAD_BYTES + MessageCodec.MAX_BODY_BYTES;
            in = ByteBuffer.allocateDirect(Math.min(2 * bytes, most)).put(in);
        }
        taken = 0;
    }

    /** Notes what the other end says of itself; {@code end} is that of this log. */
    void note(Message message, long end, long nowMillis) {
        switch (message) {
            case Hello hello -> {
                member = hello.member();
                levelMillis = nowMillis;
            }
            case Ack ack -> {
                // Of a copy that is not level nothing counts, but it is under way.
                written = ack.written() == 0 ? ack.received() : ack.written();
                flushed = ack.flushed();
                if (written >= end) {
                    levelMillis = nowMillis;
                }
            }
            default -> {
                // Says nothing of what it has.
            }
        }
    }

    /** Sends a message behind all others. */
    void send(Message message) {
        waiting.add(new Item.Whole(message));
    }

    /** Sends bytes of the log behind all messages; what follows on what waits goes into one message with it. */
    void sendLog(int epoch, long from, int count, long confirmedEnd) {
        if (waiting.peekLast() instanceof Item.Range last
                && last.epoch == epoch
                && last.from + last.count == from
                && last.count + count <= chunkBytes) {
            waiting.removeLast();
            waiting.add(new Item.Range(epoch, last.from, last.count + count, confirmedEnd));
        } else {
            waiting.add(new Item.Range(epoch, from, count, confirmedEnd));
        }
    }

    /** Sends nothing of the log any more: it may change. */
    void forgetLog() {
        waiting.removeIf(Item.Range.class::isInstance);
    }

    /**
     * Writes as much as the socket takes.
     *
     * @param log holds what is sent of it
     * @return false if bytes are deleted that were to be sent
     * @throws IOException if the socket failed
     */
    boolean flush(GroupLog log) throws IOException {
        if (!isConnected()) {
            return true;
        }
        if (tls != null) {
            tls.flush();
        }
        boolean there = true;
        while (there && (out.hasRemaining() || !waiting.isEmpty())) {
            if (!out.hasRemaining()) {
                there = fill(log);
            }
            bytes.write(out);
            if (out.hasRemaining()) {
                break;
            }
        }
        boolean unsent = tls == null ? out.hasRemaining() : tls.hasUnsent();
        int wanted = unsent ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
        return there;
    }

    /** Fills the empty buffer with what waits, as far as it has room. Returns false if bytes of the log are deleted. */
    private boolean fill(GroupLog log) {
        out.clear();
        boolean there = true;
        boolean full = false;
        while (there && !full && !waiting.isEmpty()) {
            switch (waiting.element()) {
                case Item.Whole whole -> full = !put(whole);
                case Item.Range range -> {
                    full = !hasRoom(MessageCodec.CHUNK_HEAD_BYTES + range.count);
                    there = full || put(log, range);
                }
            }
        }
        out.flip();
        return there;
    }

    private boolean put(Item.Whole whole) {
        ByteBuffer message = encoded;
        if (message == null) {
            message = MessageCodec.encode(whole.message);
            encoded = message;
        }
        if (!hasRoom(message.remaining())) {
            return false;
        }
        out.put(message);
        encoded = null;
        waiting.remove();
        return true;
    }

    /** Whether so many bytes fit; an empty buffer is grown. */
    private boolean hasRoom(int bytes) {
        if (out.position() == 0 && out.capacity() < bytes) {
            out = ByteBuffer.allocateDirect(bytes);
        }
        return out.remaining() >= bytes;
    }

    private boolean put(GroupLog log, Item.Range range) {
        int at = out.position();
        out.position(at + MessageCodec.CHUNK_HEAD_BYTES);
        out.limit(out.position() + range.count);
        int count = log.copy(range.from, out);
        out.limit(out.capacity());
        if (count <= 0) {
            out.position(at);
            return false;
        }
        ByteBuffer frame = out.duplicate().position(at).limit(at + MessageCodec.CHUNK_HEAD_BYTES + count);
        MessageCodec.sealChunk(frame, range.epoch, range.from, log.end(), range.confirmedEnd);
        waiting.remove();
        if (count < range.count) {
            waiting.addFirst(new Item.Range(range.epoch, range.from + count, range.count - count, range.confirmedEnd));
        }
        return true;
    }

    /** Closes the socket; what waits is not sent. */
    void close() {
        key.cancel();
        try {
            bytes.close();
        } catch (IOException e) {
            LOG.debug("replica-socket-not-closed peer={} cause=\"{}\"", peer, e.getMessage());
        }
    }
}
