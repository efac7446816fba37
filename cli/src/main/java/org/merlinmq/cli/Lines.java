package org.merlinmq.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into lines: a line is what stands before a line feed, a carriage return included, so that
 * every byte of a log comes through. The last line needs no line feed.
 *
 * <p>Threading: one thread.
 */
final class Lines {
    private static final int FIRST_BUFFER_BYTES = 64 << 10;

    private final InputStream in;
    private final int maxLineBytes;
    private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
    private int from;
    private int to;
    private boolean ended;
    private long number;
    private long bytesRead;

    Lines(InputStream in, int maxLineBytes) {
        this.in = in;
        this.maxLineBytes = maxLineBytes;
    }

    /** The next line without its line feed, or null after the last. */
    byte @Nullable [] next() throws IOException {
        int searched = from;
        while (true) {
            for (int at = searched; at < to; at++) {
                if (buffer[at] == '\n') {
                    return line(at, at + 1);
                }
            }
            searched = to;
            if (ended) {
                return from == to ? null : line(to, to);
            }
            if (to - from > maxLineBytes) {
                throw new CommandFailure("line " + (number + 1) + " is longer than " + maxLineBytes + " bytes");
            }
            searched -= fill();
        }
    }

    /** The number of the line that {@link #next} gave last, from 1. */
    long number() {
        return number;
    }

    /** How far into the input we are. */
    long bytesRead() {
        return bytesRead - (to - from);
    }

    private byte[] line(int end, int nextFrom) {
        byte[] line = Arrays.copyOfRange(buffer, from, end);
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
