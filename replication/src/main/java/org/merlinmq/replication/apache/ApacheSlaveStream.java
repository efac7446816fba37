package org.merlinmq.replication.apache;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.log.LogReceiver;

/**
 * The slave's end: reports where its log ends, and takes the master's bytes from there on.
 *
 * <p>What it reports may end within a record, whose part is not written yet: no message is acknowledged by that.
 *
 * <p>A frame that does not begin where this log ends ends the connection; the next one resumes.
 *
 * <p>To a report of 0 a RocketMQ master answers from its last segment on, and no report names byte 0. To get a whole log this end
 * reports 1, and puts byte 0 itself: it is the highest of the four that say how long the first record is, and no record has
 * 16 MiB.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: from {@link #receive} what {@link LogReceiver#append} throws; the connection is of no use then.
 */
final class ApacheSlaveStream implements ApacheStream {
    /** A master may be set to send more than the usual 32 KB in one frame, but not more than RocketMQ's slave takes. */
    static final int MAX_FRAME_BYTES = 4 << 20;

    private static final byte[] FIRST_BYTE = {0};

    private final LogReceiver log;
    private final StreamTiming timing;
    private final Runnable following;
    private final boolean whole;
    private final byte[] head = new byte[HEAD_BYTES];
    private int headLength;
    private int bodyLeft;

    private boolean reportDue = true;
    private boolean followed;
    private boolean beginsLater;
    private long heardMillis;
    private long reportedMillis;
    private @Nullable String ended;

    /**
     * An end that runs {@code following} once, when the master has sent a frame that fits.
     *
     * @param whole whether an empty log asks for all that the master has from log offset 0 on; an empty master would turn it away
     */
    ApacheSlaveStream(LogReceiver log, StreamTiming timing, boolean whole, Runnable following, long nowMillis) {
        this.log = log;
        this.timing = timing;
        this.following = following;
        this.whole = whole;
        this.heardMillis = nowMillis;
        this.reportedMillis = nowMillis;
    }

    @Override
    public void receive(byte[] bytes, int at, int count, long nowMillis) {
        heardMillis = nowMillis;
        int next = at;
        int end = at + count;
        while (next < end && ended == null) {
            if (bodyLeft > 0) {
                int part = Math.min(bodyLeft, end - next);
                log.append(log.end(), bytes, next, part);
                next += part;
                bodyLeft -= part;
                reportDue |= bodyLeft == 0;
            } else {
                head[headLength++] = bytes[next++];
                if (headLength == HEAD_BYTES) {
                    headLength = 0;
                    begin(Bytes.getLong(head, 0), Bytes.getInt(head, Long.BYTES));
                }
            }
        }
    }

    private void begin(long logOffset, int count) {
        if (count < 0 || count > MAX_FRAME_BYTES) {
            ended = "it sends a frame of " + count + " bytes, at most " + MAX_FRAME_BYTES + " are possible";
        } else if (logOffset != asked()) {
            beginsLater = !whole && log.end() == 0;
            ended = "it sends the bytes at log offset " + logOffset + ", and the log here ends at " + log.end();
        } else {
            if (log.end() == 0 && logOffset == 1 && count > 0) {
                log.append(0, FIRST_BYTE, 0, FIRST_BYTE.length);
            }
            bodyLeft = count;
            if (!followed) {
                followed = true;
                following.run();
            }
        }
    }

    /** Where the next byte of the log is to come from. */
    private long asked() {
        return whole ? Math.max(log.end(), FIRST_BYTE.length) : log.end();
    }

    /** Whether the log here is empty, its end was reported as 0, and the master has sent what begins later. */
    boolean beginsLater() {
        return beginsLater;
    }

    @Override
    public void fill(ByteBuffer out, long nowMillis) {
        if (ended == null && nowMillis - heardMillis >= timing.silence().toMillis()) {
            ended = "it was silent for " + (nowMillis - heardMillis) + " ms";
        }
        boolean due =
                reportDue || nowMillis - reportedMillis >= timing.heartbeat().toMillis();
        if (ended == null && due && out.remaining() >= REPORT_BYTES) {
            out.putLong(asked());
            reportDue = false;
            reportedMillis = nowMillis;
        }
    }

    @Override
    public long nextMillis() {
        return Math.min(
                heardMillis + timing.silence().toMillis(),
                reportDue ? reportedMillis : reportedMillis + timing.heartbeat().toMillis());
    }

    @Override
    public @Nullable String ended() {
        return ended;
    }
}
