package org.merlinmq.transport;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The bytes that all connections hold together, unfinished frames and unsent output, against their common bound.
 *
 * <p>Threading: each loop changes its own cell only, so a change is a plain store; the sum is read by any thread and may
 * be a moment old.
 */
final class InFlightBytes {
    /** Cells lie a cache line apart, so that loops do not slow each other. */
    private static final int STRIDE = 16;

    private final AtomicLongArray cells;
    private final int loops;
    private final long maxBytes;

    InFlightBytes(int loops, long maxBytes) {
        this.cells = new AtomicLongArray(loops * STRIDE);
        this.loops = loops;
        this.maxBytes = maxBytes;
    }

    void add(int loop, long bytes) {
        int cell = loop * STRIDE;
        cells.setRelease(cell, cells.getPlain(cell) + bytes);
    }

    long bytes() {
        long sum = 0;
        for (int loop = 0; loop < loops; loop++) {
            sum += cells.getOpaque(loop * STRIDE);
        }
        return sum;
    }

    boolean full() {
        return bytes() >= maxBytes;
    }
}
