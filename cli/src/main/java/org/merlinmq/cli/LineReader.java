package org.merlinmq.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits a stream of bytes into lines at each line feed. A carriage return stays in the line, so that no byte of a log
 * is lost. The last line needs no line feed.
 *
 * <p>Errors: a line beyond the limit is dropped; {@link #tooLong} returns its length.
 *
 * <p>Threading: one thread.
 */
final class LineReader {
    private static final int FIRST_BUFFER_BYTES = 64 << 10;

    private static final byte[] NOTHING = {};

    private final InputStream in;
    private final int maxLineBytes;
    private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
    private int from;
    private int to;
    private boolean ended;
    private long number;
    private long bytesRead;
    private long droppedBytes;
    private long tooLong;

    LineReader(InputStream in, int maxLineBytes) {
        this.in = in;
        this.maxLineBytes = maxLineBytes;
    }

    /** The next line without its line feed, empty if it is {@link #tooLong}, or null after the last. */
    byte @Nullable [] next() throws IOException {
        tooLong = 0;
        droppedBytes = 0;
        int searched = from;
        while (true) {
            for (int at = searched; at < to; at++) {
                if (buffer[at] == '\n') {
                    return line(at, at + 1);
                }
            }
            searched = to;
            if (ended) {
                return from == to && droppedBytes == 0 ? null : line(to, to);
            }
            if (droppedBytes > 0 || to - from > maxLineBytes) {
                droppedBytes += to - from;
                from = to;
            }
            searched -= fill();
        }
    }

    /** The length of the line that {@link #next} returned last if it was beyond the limit; otherwise 0. */
    long tooLong() {
        return tooLong;
    }

    /** Whether {@link #next} may block until more is written. */
    boolean mayWait() throws IOException {
        for (int at = from; at < to; at++) {
            if (buffer[at] == '\n') {
                return false;
            }
        }
        return !ended && in.available() == 0;
    }

    /** The most bytes that a line may have. */
    int limit() {
        return maxLineBytes;
    }

    /** The number of the line that {@link #next} returned last, from 1. */
    long number() {
        return number;
    }

    /** How far into the input we are. */
    long bytesRead() {
        return bytesRead - (to - from);
    }

    private byte[] line(int end, int nextFrom) {
        long bytes = droppedBytes + end - from;
        tooLong = bytes > maxLineBytes ? bytes : 0;
        byte[] line = tooLong > 0 ? NOTHING : Arrays.copyOfRange(buffer, from, end);
        from = nextFrom;
        number++;
        return line;
    }

    /** Reads more behind what is there; returns by how much the buffered bytes moved to the front. */
    private int fill() throws IOException {
        int moved = from;
        if (moved > 0) {
            System.arraycopy(buffer, from, buffer, 0, to - from);
            to -= moved;
            from = 0;
        }
        if (to == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int read = in.read(buffer, to, buffer.length - to);
        if (read < 0) {
            ended = true;
        } else {
            to += read;
            bytesRead += read;
        }
        return moved;
    }
}
