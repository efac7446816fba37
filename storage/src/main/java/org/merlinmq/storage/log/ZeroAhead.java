package org.merlinmq.storage.log;

import org.merlinmq.platform.disk.DiskException;

/**
 * Writes zeros ahead of the records, for logs that are synced often: the first write into space that was only reserved makes
 * the file system change its own books, and a sync has to wait for that. One larger write does it for many records. Syncs of
 * much do better without, since zeros go to the disk too.
 *
 * <p>Threading: {@link #write} and {@link #isDue} on log-flush, {@link #begin} there and under the append lock; all else on
 * any thread.
 */
final class ZeroAhead {
    private static final int BYTES = 1 << 20;

    /** No zeros are written while syncs have more than this on average. Measured: docs/measure/2026-11-low.md. */
    private static final int MOST_BYTES_A_SYNC = 96 << 10;

    private static final int AVERAGED_SYNCS = 8;
    private static final long NOWHERE = Long.MAX_VALUE;

    private final Segments segments;
    private final WriteGate gate;

    /** All up to here is zeros that were written, not only reserved. */
    private long writtenTo;

    private byte[] zeros = new byte[0];

    /** What one of the last syncs had on average. */
    private long bytesASync;

    /** Zeros are being written from here on: nothing may be reserved beyond. */
    private volatile long from = NOWHERE;

    ZeroAhead(Segments segments, WriteGate gate) {
        this.segments = segments;
        this.gate = gate;
    }

    /** Called after each sync that somebody waited for, with how much it made durable. */
    boolean isDue(long publishedEnd, long syncedBytes) {
        bytesASync += (syncedBytes - bytesASync) / AVERAGED_SYNCS;
        return bytesASync <= MOST_BYTES_A_SYNC && publishedEnd + BYTES / 2 >= writtenTo;
    }

    /** Keeps records from places above the end of the last one until {@link #write} is done. */
    void begin(long reservedEnd) {
        from = Math.max(writtenTo, reservedEnd);
    }

    void write() {
        long at = from;
        DiskException failure = null;
        try {
            Segment segment = segments.find(at);
            if (segment != null) {
                zeros = zeros.length == 0 ? new byte[BYTES] : zeros;
                int bytes = (int) Math.min(BYTES, segment.end() - at);
                segment.write(at, zeros, 0, bytes);
                writtenTo = at + bytes;
            }
        } catch (DiskException e) {
            failure = e;
        } finally {
            // First of all, since an appender that waits for this holds the lock.
            from = NOWHERE;
        }
        if (failure != null) {
            gate.poison("Writing zeros ahead at log offset " + at + " failed", failure);
        }
    }

    /** Whether zeros are being written below an offset. */
    boolean isBelow(long logOffset) {
        return logOffset > from;
    }

    /** Waits until none are: they are written far ahead and quickly, so this is rare and short. */
    void await(long logOffset) {
        while (isBelow(logOffset)) {
            Thread.onSpinWait();
        }
    }
}
