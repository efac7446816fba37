package org.merlinmq.replication.apache;

import java.nio.ByteBuffer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.LogWaiter;

/**
 * The master's end: gives a slave the bytes of the log from where its own ends.
 *
 * <pre>
 *   no report yet ── first report 0 ───────► from the beginning of the last segment ─┐
 *                 ── first report N ───────► from N exactly ─────────────────────────┴─► frames as the log grows, acks
 * </pre>
 *
 * <p>A slave that ends beyond this log, or below its beginning, is turned away with a sentence: RocketMQ's master would
 * leave it waiting, and one day give it bytes that do not follow what it has.
 *
 * <p>Threading: one thread at a time; {@link #sentLogOffset}, {@link #ackedLogOffset} and {@link #bytesPerSecond} on any.
 *
 * <p>Errors: a {@link org.merlinmq.platform.disk.DiskException} from {@link #fill} where the log cannot be read.
 */
final class ApacheMasterStream implements ApacheStream {
    /** The most of the log in one frame. Source: RocketMQ's haTransferBatchSize. */
    static final int MAX_FRAME_BYTES = 32 << 10;

    private static final long UNKNOWN = -1;

    /** Over how long a rate is taken. */
    private static final long RATE_MILLIS = 1_000;

    /** Longer than it takes at any rate to save up what may be saved up. */
    private static final long GAIN_MILLIS = 60_000;

    private final Storage storage;
    private final StreamTiming timing;
    private final LongConsumer reports;
    private final byte[] report = new byte[REPORT_BYTES];
    private int reportLength;
    private final byte[] part = new byte[MAX_FRAME_BYTES];

    private volatile long sentLogOffset = UNKNOWN;
    private volatile long ackedLogOffset = UNKNOWN;
    private long heardMillis;
    private long sentMillis;

    /**
     * Whether the slave waits for the first frame, which says where the log goes on: an empty one does not wait for a heartbeat's
     * time, or a slave of an idle master would be ready that much later.
     */
    private boolean firstDue;

    /** What was sent in the last whole period that something was sent in, and how much in the one that goes on. */
    private volatile long ratePerSecond;

    private volatile long periodMillis;
    private long periodBytes;

    /** What may be sent as of {@link #filledMillis}, where there is a limit, and whether the slave waits for that. */
    private long allowance;

    private long filledMillis;
    private boolean throttled;

    private @Nullable String ended;

    /** An end that hands {@code reports} each log offset below which the slave has everything. */
    ApacheMasterStream(Storage storage, StreamTiming timing, LongConsumer reports, long nowMillis) {
        this.storage = storage;
        this.timing = timing;
        this.reports = reports;
        this.heardMillis = nowMillis;
        this.sentMillis = nowMillis;
        this.periodMillis = nowMillis;
        this.filledMillis = nowMillis;
        this.allowance = burstBytes();
    }

    private boolean isLimited() {
        return timing.maxBytesPerSecond() < Long.MAX_VALUE;
    }

    /** What a slave may save up: a frame, or a tenth of a second. */
    private long burstBytes() {
        return isLimited() ? Math.max(MAX_FRAME_BYTES, timing.maxBytesPerSecond() / 10) : Long.MAX_VALUE;
    }

    private void gain(long nowMillis) {
        if (isLimited()) {
            long gained = timing.maxBytesPerSecond() * Math.min(nowMillis - filledMillis, GAIN_MILLIS) / 1_000;
            if (gained > 0) {
                allowance = Math.min(burstBytes(), allowance + gained);
                filledMillis = nowMillis;
            }
        }
    }

    /** All below was sent; -1 before the first report. */
    long sentLogOffset() {
        return sentLogOffset;
    }

    /** All below is written in the slave's log, as far as it has reported; -1 before the first report. */
    long ackedLogOffset() {
        return ackedLogOffset;
    }

    /** What was sent lately; 0 if that is a while ago. On any thread. */
    long bytesPerSecond(long nowMillis) {
        return nowMillis - periodMillis > 2 * RATE_MILLIS ? 0 : ratePerSecond;
    }

    private void count(int bytes, long nowMillis) {
        periodBytes += bytes;
        long past = nowMillis - periodMillis;
        if (past >= RATE_MILLIS) {
            ratePerSecond = periodBytes * 1_000 / past;
            periodMillis = nowMillis;
            periodBytes = 0;
        }
    }

    @Override
    public void receive(byte[] bytes, int at, int count, long nowMillis) {
        heardMillis = nowMillis;
        for (int i = at; i < at + count && ended == null; i++) {
            report[reportLength++] = bytes[i];
            if (reportLength == REPORT_BYTES) {
                reportLength = 0;
                take(Bytes.getLong(report, 0));
            }
        }
    }

    private void take(long reported) {
        if (sentLogOffset == UNKNOWN) {
            begin(reported);
        } else if (reported < ackedLogOffset || reported > sentLogOffset) {
            ended = "it reports that its log ends at " + reported + ", after " + ackedLogOffset + " and with "
                    + sentLogOffset + " sent: its log is not a copy of this one";
        } else {
            acknowledge(reported);
        }
    }

    private void acknowledge(long reported) {
        ackedLogOffset = reported;
        reports.accept(reported);
    }

    private void begin(long reported) {
        long begin = storage.minLogOffset();
        long end = storage.maxLogOffset();
        if (reported < 0 || reported > end) {
            ended = "its log ends at " + reported + " and this one at " + end
                    + ": it has bytes that this master does not; empty its store, and it begins anew";
        } else if (reported > 0 && reported < begin) {
            ended = "its log ends at " + reported + " and this one begins at " + begin
                    + ": what lies between was deleted here; empty its store, and it begins anew";
        } else {
            acknowledge(reported);
            sentLogOffset = reported > 0 ? reported : end - (end - begin) % storage.segmentBytes();
            firstDue = true;
        }
    }

    @Override
    public void fill(ByteBuffer out, long nowMillis) {
        if (ended == null && nowMillis - heardMillis >= timing.silence().toMillis()) {
            ended = "it was silent for " + (nowMillis - heardMillis) + " ms";
        }
        if (ended != null || sentLogOffset == UNKNOWN) {
            return;
        }
        long next = sentLogOffset;
        int before = out.position();
        gain(nowMillis);
        throttled = false;
        while (out.remaining() >= HEAD_BYTES + MAX_FRAME_BYTES) {
            if (allowance < MAX_FRAME_BYTES) {
                throttled = true;
                break;
            }
            int count = storage.copyLog(next, part, 0, MAX_FRAME_BYTES);
            if (count < 0) {
                ended = "it lags behind the beginning of this log, " + storage.minLogOffset()
                        + ": what it needs next was deleted; empty its store, and it begins anew";
            }
            if (count <= 0) {
                break;
            }
            out.putLong(next).putInt(count).put(part, 0, count);
            next += count;
            allowance -= isLimited() ? count : 0;
        }
        boolean heartbeatDue =
                firstDue || nowMillis - sentMillis >= timing.heartbeat().toMillis();
        if (heartbeatDue && out.position() == before) {
            out.putLong(next).putInt(0);
        }
        if (out.position() > before) {
            firstDue = false;
            count(out.position() - before, nowMillis);
            sentMillis = nowMillis;
            sentLogOffset = next;
        }
    }

    @Override
    public long nextMillis() {
        long silent = heardMillis + timing.silence().toMillis();
        if (sentLogOffset == UNKNOWN) {
            return silent;
        }
        long next = Math.min(silent, sentMillis + timing.heartbeat().toMillis());
        return throttled ? Math.min(next, filledMillis + millisOf(MAX_FRAME_BYTES - allowance)) : next;
    }

    private long millisOf(long bytes) {
        return (bytes * 1_000 + timing.maxBytesPerSecond() - 1) / timing.maxBytesPerSecond();
    }

    @Override
    public void awaitMore(LogWaiter waiter) {
        if (sentLogOffset != UNKNOWN && !throttled) {
            storage.wakeAt(waiter, sentLogOffset + 1);
        }
    }

    @Override
    public void awaitNoMore(LogWaiter waiter) {
        storage.wakeNever(waiter);
    }

    @Override
    public @Nullable String ended() {
        return ended;
    }
}
