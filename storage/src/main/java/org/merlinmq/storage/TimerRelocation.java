package org.merlinmq.storage;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Relocation.Relocated;
import org.merlinmq.storage.log.CommitLog;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.timer.TimerIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends delayed messages anew at the log's end before the segment that holds their records is deleted. Each timer is
 * claimed before it is copied; one that is being delivered is left alone, and its segment waits for that.
 *
 * <p>Threading: {@code store-tail}; the copier is set on any thread.
 *
 * <p>Limits and errors: see {@link Relocation}. A call holds no more timers than a batch in memory.
 */
final class TimerRelocation {
    private static final Logger LOG = LoggerFactory.getLogger(TimerRelocation.class);

    private final CommitLog log;
    private final TimerIndex timers;
    private final Relocation relocation;
    private final RecordView record = new RecordView();
    private volatile @Nullable TimerCopier copier;

    // What the batch holds.
    private final long[] dueMillis = new long[Relocation.MAX_BATCH_MESSAGES];
    private final long[] logOffset = new long[Relocation.MAX_BATCH_MESSAGES];

    private boolean left;

    TimerRelocation(CommitLog log, TimerIndex timers) {
        this.log = log;
        this.timers = timers;
        relocation = new Relocation(log, Relocation.Kind.TIMERS);
    }

    void copier(TimerCopier copies) {
        copier = copies;
    }

    /** Moves timers whose records begin below an offset. */
    Relocated below(long endLogOffset) {
        TimerCopier copies = copier;
        if (copies == null) {
            return new Relocated(0, 0, true);
        }
        relocation.begin();
        left = false;
        try {
            timers.listBelow(endLogOffset, (due, offset) -> take(due, offset, copies));
        } catch (DamagedRunException e) {
            timers.damaged(e);
            left = true;
        }
        left |= !relocation.append(this::release);
        return relocation.end(endLogOffset, left);
    }

    /** Returns whether to go on. */
    private boolean take(long due, long offset, TimerCopier copies) {
        if (!timers.claim(due, offset)) {
            left = true;
            return true;
        }
        byte[] bytes = log.reader().readRecord(offset);
        if (bytes == null || !record.on(bytes, 0, bytes.length)) {
            LOG.warn("delayed-message-lost logOffset={} cause=\"no record there: damaged\"", offset);
            timers.drop(offset);
            return true;
        }
        int i = relocation.staged();
        dueMillis[i] = due;
        logOffset[i] = offset;
        if (!relocation.stage(offset, to -> copies.copy(record, due, to))) {
            timers.release(due, offset);
            left = true;
            return true;
        }
        boolean more = relocation.appendIfFull(this::release);
        left |= !more;
        return more;
    }

    private void release(int staged) {
        timers.release(dueMillis[staged], logOffset[staged]);
    }
}
