package org.merlinmq.transport;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.MalformedFrameException;

/**
 * Turns the bytes of one connection into frames.
 *
 * <p>A read lands in the loop's array, and the whole frames in it are handled there. What is left, the beginning of a
 * frame, moves to {@code held}, an array of this connection that grows with what has really arrived: a peer that
 * announces 16 MiB and sends ten bytes costs ten bytes. The rest of that frame is read straight behind it.
 *
 * <pre>
 *   nothing held ── read ──► frames in the loop's array ── a rest ──► held: beginning of a frame
 *        ▲                                                                 │ read: append; whole? handle it
 *        └─────────────────────────────────────────────────────────────────┘
 *   paused (peer does not take our answers) ── any bytes ──► held: whole frames too, until {@link #resume}
 * </pre>
 *
 * <p>Threading: the connection's loop. Errors: {@link MalformedFrameException} leaves this object unusable.
 */
final class FrameInput {
    private static final int LENGTH_BYTES = 4;
    private static final int LEAST_LENGTH = 4;
    private static final byte[] NONE = new byte[0];

    private final Connection connection;
    private final NetLoop loop;
    private final ReadPauses reads;
    private final int maxFrameBytes;

    private byte[] held = NONE;
    private int heldBytes;
    private long heldSinceNanos;

    FrameInput(Connection connection, NetLoop loop, ReadPauses reads, int maxFrameBytes) {
        this.connection = connection;
        this.loop = loop;
        this.reads = reads;
        this.maxFrameBytes = maxFrameBytes;
    }

    /** Takes all bytes of a read and handles the frames that they complete. */
    void read(ByteBuf in) {
        if (heldBytes > 0) {
            if (reads.any()) {
                hold(in, in.readableBytes(), Integer.MAX_VALUE);
                return;
            }
            completeHeld(in);
        }
        int bytes = in.readableBytes();
        if (bytes > 0) {
            byte[] array = loop.readBuffer(bytes);
            in.readBytes(array, 0, bytes);
            frames(array, bytes);
        }
    }

    /** Handles what was held while the connection was paused. */
    void resume() {
        // While nothing was read the frame could not arrive: its time begins anew.
        heldSinceNanos = loop.nanoTime();
        if (heldBytes >= LENGTH_BYTES && frameBytes(held, 0) <= heldBytes) {
            byte[] array = held;
            int bytes = heldBytes;
            release();
            frames(array, bytes);
        }
    }

    /** True if a frame has begun and its end has been missing for longer than the given time. */
    boolean overdue(long nowNanos, long patienceNanos) {
        return heldBytes > 0 && nowNanos - heldSinceNanos > patienceNanos;
    }

    void release() {
        loop.holds(-held.length);
        held = NONE;
        heldBytes = 0;
        loop.holdsNoFrame(connection);
    }

    private void frames(byte[] array, int end) {
        int at = 0;
        while (end - at >= LENGTH_BYTES && !reads.any()) {
            int frameBytes = frameBytes(array, at);
            if (frameBytes > end - at) {
                break;
            }
            connection.handle(array, at, frameBytes);
            at += frameBytes;
        }
        if (at < end && connection.isOpen()) {
            holdRest(array, at, end - at);
        }
    }

    private void holdRest(byte[] array, int at, int bytes) {
        held = Arrays.copyOfRange(array, at, at + bytes);
        heldBytes = bytes;
        heldSinceNanos = loop.nanoTime();
        loop.holds(bytes);
    }

    private void completeHeld(ByteBuf in) {
        if (heldBytes < LENGTH_BYTES) {
            hold(in, LENGTH_BYTES - heldBytes, LENGTH_BYTES);
        }
        if (heldBytes < LENGTH_BYTES) {
            return;
        }
        int frameBytes = frameBytes(held, 0);
        hold(in, frameBytes - heldBytes, frameBytes);
        if (heldBytes == frameBytes) {
            byte[] array = held;
            release();
            connection.handle(array, 0, frameBytes);
        } else if (!loop.mayHoldMore(connection)) {
            reads.add(ReadPauses.Reason.CROWDED);
        }
    }

    /** Appends at most {@code atMost} of the bytes to what is held, in an array that never exceeds {@code limit}. */
    private void hold(ByteBuf in, int atMost, int limit) {
        int bytes = Math.min(atMost, in.readableBytes());
        int needed = heldBytes + bytes;
        if (needed > held.length) {
            int capacity = (int) Math.min(limit, Math.max(needed, 2L * held.length));
            loop.holds(capacity - held.length);
            held = Arrays.copyOf(held, capacity);
        }
        in.readBytes(held, heldBytes, bytes);
        heldBytes = needed;
    }

    private int frameBytes(byte[] array, int at) {
        int length = Bytes.getInt(array, at);
        if (length < LEAST_LENGTH || length > maxFrameBytes - LENGTH_BYTES) {
            throw new MalformedFrameException("frame length: expected " + LEAST_LENGTH + " to "
                    + (maxFrameBytes - LENGTH_BYTES) + ", found " + length + speaksOtherwise(array, at));
        }
        return length + LENGTH_BYTES;
    }

    /** The first bytes of a peer that speaks something else are text, which no frame's length is. */
    private static String speaksOtherwise(byte[] array, int at) {
        for (int i = at; i < at + LENGTH_BYTES; i++) {
            if (array[i] < ' ' || array[i] > '~') {
                return "";
            }
        }
        return " (the text '" + new String(array, at, LENGTH_BYTES, java.nio.charset.StandardCharsets.US_ASCII)
                + "': does the peer speak HTTP or the PROXY protocol?)";
    }
}
