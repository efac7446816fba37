package org.merlinmq.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what one connection sends from a sink to the operating system, and counts what that has not taken yet.
 *
 * <p>What is appended gathers in a sink that the loop lends until the next write:
 *
 * <pre>
 *   no sink ── {@link #sink} ──► frames gather ── end of the turn, or much ──► buffers ──► taken at once
 *      ▲                                                                          │
 *      └────────── the sink goes back with every write ◄──────────────────────────┴──► unsent, until the peer takes it
 * </pre>
 *
 * <p>Much unsent output stops reading from a peer that sends requests, until it reads its answers. A peer that only answers
 * is read all the time: it may be waiting until we read its answers before it takes
 * our next request.
 *
 * <p>Threading: the connection's loop; {@link #unsentBytes} from any thread.
 */
final class FrameOutput {
    private static final Logger LOG = LoggerFactory.getLogger(FrameOutput.class);
    /** A big answer is written in pieces that the buffer pool can serve; still one system call or few. */
    private static final int WRITE_PART_BYTES = 512 * 1024;

    /** So much is worth a write of its own before the turn ends: what gathers in a turn stays small. */
    private static final int EARLY_WRITE_BYTES = 256 * 1024;

    /** So much is worth a write of its own when the frames of its socket were handled. */
    private static final int ANSWERS_WRITE_BYTES = 16 * 1024;

    private final Connection connection;
    private final Channel channel;
    private final NetLoop loop;
    private final ReadPauses reads;
    private final ConnectionLimits limits;
    private final boolean peerAsks;
    private final int earlyWriteBytes;

    private @Nullable ByteWriter sink;
    private volatile long unsentBytes;
    private long lastTakenNanos;
    private long writes;

    FrameOutput(
            Connection connection,
            Channel channel,
            NetLoop loop,
            ReadPauses reads,
            ConnectionLimits limits,
            boolean peerAsks) {
        this.connection = connection;
        this.channel = channel;
        this.loop = loop;
        this.reads = reads;
        this.limits = limits;
        this.peerAsks = peerAsks;
        this.earlyWriteBytes = (int) Math.min(limits.outputHighBytes(), EARLY_WRITE_BYTES);
        this.lastTakenNanos = loop.nanoTime();
    }

    /** Where to append; what is there at the end of the turn is written then. */
    ByteWriter sink() {
        ByteWriter to = sink;
        if (to == null) {
            to = loop.borrowSink();
            sink = to;
            loop.touched(connection);
        }
        return to;
    }

    /** Bytes of earlier writes that the operating system has not taken. */
    long unsentBytes() {
        return unsentBytes;
    }

    /** Bytes that are on their way, those that still gather included. */
    long pendingBytes() {
        ByteWriter gathered = sink;
        return unsentBytes + (gathered == null ? 0 : gathered.length());
    }

    /** False when so much is on its way that nothing should be sent unasked. */
    boolean writable() {
        return pendingBytes() <= limits.outputHighBytes() && (unsentBytes == 0 || !loop.full());
    }

    /** When the operating system last took something, by the loop's clock. */
    long lastTakenNanos() {
        return lastTakenNanos;
    }

    /** How many writes were made; for tests of how answers gather. */
    long writes() {
        return writes;
    }

    /** Appends a request unless too much output is unsent; returns the reason if it did not. */
    @Nullable String appendWithinBound(Frame request) {
        ByteWriter to = sink();
        int before = to.length();
        try {
            FrameCodec.encode(request, to);
        } catch (IllegalStateException tooBig) {
            return notSent(request, tooBig.getMessage());
        }
        if (pendingBytes() > limits.outputMaxBytes()) {
            to.truncate(before);
            return notSent(
                    request,
                    pendingBytes() + " bytes are unsent before it (limit outputMaxBytes=" + limits.outputMaxBytes()
                            + "): wait for answers before asking more");
        }
        return null;
    }

    private String notSent(Frame request, @Nullable String why) {
        return "request code " + request.code() + " was not sent to " + connection.remote() + ": " + why;
    }

    /** The answers to one read can be a thousand times its size: see at once whether the peer takes them. */
    void flushIfMuch() {
        ByteWriter gathered = sink;
        if (gathered != null && gathered.length() > earlyWriteBytes) {
            flush();
        }
    }

    /**
     * The frames of one socket were handled, and others may be read before the turn ends: much output goes now, since it gains
     * nothing by waiting and its sink can serve the next one.
     */
    void flushAnswers() {
        ByteWriter gathered = sink;
        if (gathered != null && gathered.length() > ANSWERS_WRITE_BYTES) {
            flush();
        }
    }

    /** Writes what has gathered, as one write. */
    void flush() {
        ByteWriter gathered = sink;
        if (gathered != null) {
            sink = null;
            if (gathered.length() > 0 && channel.isActive()) {
                try {
                    write(gathered.array(), gathered.length());
                } catch (OutOfMemoryError noBuffer) {
                    // The buffer pool's bound, not the heap's: this connection goes, the others go on.
                    LOG.warn(
                            "connection-closed peer={} cause=\"no buffer for {} bytes: {}\"",
                            connection.remote(),
                            gathered.length(),
                            noBuffer.getMessage());
                    connection.abort();
                }
            }
            loop.giveBack(gathered);
        }
        if (unsentBytes == 0) {
            connection.allSent();
        }
    }

    /** Drops the unsent output, since the connection has ended. */
    void discard() {
        ByteWriter gathered = sink;
        if (gathered != null) {
            gathered.clear();
        }
    }

    private void write(byte[] bytes, int length) {
        writes++;
        if (length <= WRITE_PART_BYTES) {
            ChannelFuture written = channel.writeAndFlush(part(bytes, 0, length));
            account(written, length);
        } else {
            List<ChannelFuture> parts = new ArrayList<>();
            for (int at = 0; at < length; at += WRITE_PART_BYTES) {
                parts.add(channel.write(part(bytes, at, Math.min(WRITE_PART_BYTES, length - at))));
            }
            channel.flush();
            for (int i = 0; i < parts.size(); i++) {
                account(parts.get(i), Math.min(WRITE_PART_BYTES, length - i * WRITE_PART_BYTES));
            }
        }
        judgeUnsent();
    }

    private ByteBuf part(byte[] bytes, int at, int length) {
        return channel.alloc().directBuffer(length, length).writeBytes(bytes, at, length);
    }

    private void account(ChannelFuture written, int bytes) {
        if (written.isDone()) {
            lastTakenNanos = loop.nanoTime();
        } else {
            unsent(bytes);
            whenDone(written, bytes);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // addListener hands back its own receiver
    private void whenDone(ChannelFuture written, int bytes) {
        written.addListener(done -> taken(bytes));
    }

    private void taken(int bytes) {
        lastTakenNanos = loop.nanoTime();
        unsent(-bytes);
        if (unsentBytes < limits.outputLowBytes() || unsentBytes == 0) {
            reads.remove(ReadPauses.Reason.SLOW_READER);
        }
        if (unsentBytes == 0) {
            connection.allSent();
        }
    }

    // Volatile for readers on other threads; only the loop writes.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void unsent(int bytes) {
        unsentBytes += bytes;
        loop.holds(bytes);
    }

    private void judgeUnsent() {
        if (unsentBytes > limits.outputMaxBytes()) {
            LOG.info(
                    "connection-closed peer={} cause=\"{} bytes unsent, more than outputMaxBytes={}: the peer does not"
                            + " take what it is sent\"",
                    connection.remote(),
                    unsentBytes,
                    limits.outputMaxBytes());
            connection.abort();
        } else if (peerAsks && (unsentBytes > limits.outputHighBytes() || (unsentBytes > 0 && loop.full()))) {
            // When all connections together hold too much, none that is slow is served any further.
            reads.add(ReadPauses.Reason.SLOW_READER);
        }
    }
}
