package org.merlinmq.storage;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.CommitLog;
import org.merlinmq.storage.log.SpaceRule;
import org.merlinmq.storage.log.WriteState;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.timer.TimerIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends delayed messages anew at the log's end before the segment that holds their records is deleted.
 *
 * <p>The copy names the original, so that one and the same record settles the old timer and enters the new one: a crash
 * finds the one or the other, never none and never both. Each timer is claimed before it is copied; one that is being
 * delivered is left alone, and its segment waits for that.
 *
 * <p>Threading: {@code store-tail}; the copier is set on any thread.
 *
 * <p>Limits: a call appends about {@link #MAX_CALL_BYTES}, in batches of at most {@link #MAX_BATCH_MESSAGES} or about
 * {@link #MAX_BATCH_BYTES}, and holds no more timers than a batch in memory.
 *
 * <p>Errors: what cannot be appended stays where it is. The log says why, once until it succeeds again.
 */
final class TimerRelocation {
    private static final Logger LOG = LoggerFactory.getLogger(TimerRelocation.class);

    static final int MAX_BATCH_MESSAGES = 512;
    private static final int MAX_BATCH_BYTES = 1 << 20;
    private static final long MAX_CALL_BYTES = 64L << 20;

    private final CommitLog log;
    private final TimerIndex timers;
    private final RecordView record = new RecordView();
    private final Semaphore appended = new Semaphore(0);
    private final AppendBatch batch;
    private volatile @Nullable TimerCopier copier;

    // What the batch holds, and what this call has moved.
    private final long[] dueMillis = new long[MAX_BATCH_MESSAGES];
    private final long[] logOffset = new long[MAX_BATCH_MESSAGES];
    private long callBytes;
    private long callMessages;
    private boolean callLeft;
    private String lastWarning = "";

    TimerRelocation(CommitLog log, TimerIndex timers) {
        this.log = log;
        this.timers = timers;
        // No batch waits for the disk: the segment does, for all at once.
        this.batch = log.newBatch(AckLevel.WRITTEN, done -> appended.release());
        batch.spaceRule(SpaceRule.MAKES_ROOM);
    }

    void copier(TimerCopier copies) {
        copier = copies;
    }

    /**
     * What came of a call.
     *
     * @param messages how many were relocated
     * @param bytes their size
     * @param left whether some wait below still
     */
    record Relocated(long messages, long bytes, boolean left) {
        static final Relocated NONE = new Relocated(0, 0, false);

        Relocated and(Relocated other) {
            return new Relocated(messages + other.messages, bytes + other.bytes, left || other.left);
        }
    }

    /** Moves timers whose records begin below an offset. */
    Relocated below(long endLogOffset) {
        TimerCopier copies = copier;
        if (copies == null) {
            return new Relocated(0, 0, true);
        }
        callBytes = 0;
        callMessages = 0;
        callLeft = false;
        try {
            timers.listBelow(endLogOffset, (due, offset) -> take(due, offset, copies));
        } catch (DamagedRunException e) {
            timers.damaged(e);
            callLeft = true;
        }
        callLeft |= !append();
        if (callMessages > 0) {
            LOG.info("timers-relocated count={} bytes={} below={}", callMessages, callBytes, endLogOffset);
        }
        return new Relocated(callMessages, callBytes, callLeft);
    }

    /** Returns whether to go on. */
    private boolean take(long due, long offset, TimerCopier copies) {
        if (!timers.claim(due, offset)) {
            callLeft = true;
            return true;
        }
        byte[] bytes = log.reader().readRecord(offset);
        if (bytes == null || !record.on(bytes, 0, bytes.length)) {
            LOG.warn("delayed-message-lost logOffset={} cause=\"no record there: damaged\"", offset);
            timers.drop(offset);
            return true;
        }
        if (!stage(due, offset, copies)) {
            timers.release(due, offset);
            callLeft = true;
            return true;
        }
        boolean full = batch.count() == MAX_BATCH_MESSAGES || batch.bytes().length() >= MAX_BATCH_BYTES;
        if (full && (!append() || callBytes >= MAX_CALL_BYTES)) {
            callLeft = true;
            return false;
        }
        return true;
    }

    private boolean stage(long due, long offset, TimerCopier copies) {
        int at = batch.count();
        int length = batch.bytes().length();
        try {
            if (copies.copy(record, due, batch)) {
                dueMillis[at] = due;
                logOffset[at] = offset;
                return true;
            }
            warn("The delayed message at log offset " + offset + " is too large for a copy.");
        } catch (DiskException e) {
            warn(e.getMessage());
        }
        batch.truncate(at, length);
        return false;
    }

    /** Returns false if the batch was refused: then its timers are as before. */
    private boolean append() {
        int count = batch.count();
        if (count == 0) {
            return true;
        }
        int bytes = batch.bytes().length();
        log.append(batch);
        appended.acquireUninterruptibly();
        boolean stored = batch.status() != AppendStatus.REFUSED;
        if (stored) {
            callMessages += count;
            callBytes += bytes;
            lastWarning = "";
        } else {
            warn(batch.reason());
            for (int i = 0; i < count; i++) {
                timers.release(dueMillis[i], logOffset[i]);
            }
        }
        batch.clear();
        return stored;
    }

    private void warn(@Nullable String cause) {
        if (cause != null && !lastWarning.equals(cause) && log.writeState().kind() != WriteState.Kind.CLOSED) {
            LOG.warn(
                    "timers-not-relocated cause=\"{}\" action=\"old segments stay until they are delivered or"
                            + " relocated; tried again later\"",
                    cause);
            lastWarning = cause;
        }
    }
}
