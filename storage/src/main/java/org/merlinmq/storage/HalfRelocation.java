package org.merlinmq.storage;

import java.util.ArrayList;
import java.util.List;
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
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.TransactionIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends open half messages anew at the log's end before the segment that holds their records is deleted, as {@link
 * TimerRelocation} does with delayed ones: the copy names the original, so that one record takes the place of the other.
 *
 * <p>Each is claimed before it is copied; one that is being decided is left alone, and its segment waits for that.
 *
 * <p>Threading: {@code store-tail}; the copier is set on any thread.
 *
 * <p>Limits: a call appends about {@link #MAX_CALL_BYTES}, in batches of at most {@link #MAX_BATCH_MESSAGES} or about
 * {@link #MAX_BATCH_BYTES}.
 *
 * <p>Errors: what cannot be appended stays where it is. The log says why, once until it succeeds again.
 */
final class HalfRelocation {
    private static final Logger LOG = LoggerFactory.getLogger(HalfRelocation.class);

    private static final int MAX_BATCH_MESSAGES = 512;
    private static final int MAX_BATCH_BYTES = 1 << 20;
    private static final long MAX_CALL_BYTES = 64L << 20;

    private final CommitLog log;
    private final TransactionIndex transactions;
    private final RecordView record = new RecordView();
    private final Semaphore appended = new Semaphore(0);
    private final AppendBatch batch;
    private volatile @Nullable HalfCopier copier;

    /** What the batch holds. */
    private final List<OpenHalf> staged = new ArrayList<>();

    private long callBytes;
    private long callMessages;
    private boolean callLeft;
    private String lastWarning = "";

    HalfRelocation(CommitLog log, TransactionIndex transactions) {
        this.log = log;
        this.transactions = transactions;
        // No batch waits for the disk: the segment does, for all at once.
        this.batch = log.newBatch(AckLevel.WRITTEN, done -> appended.release());
        batch.spaceRule(SpaceRule.MAKES_ROOM);
    }

    void copier(HalfCopier copies) {
        copier = copies;
    }

    /** Moves half messages whose records begin below an offset. */
    TimerRelocation.Relocated below(long endLogOffset) {
        HalfCopier copies = copier;
        if (copies == null) {
            return new TimerRelocation.Relocated(0, 0, true);
        }
        callBytes = 0;
        callMessages = 0;
        callLeft = false;
        long from = 0;
        boolean more = true;
        while (more) {
            more = false;
            for (OpenHalf half : transactions.list(from, MAX_BATCH_MESSAGES)) {
                more = half.logOffset() < endLogOffset && take(half, copies);
                if (!more) {
                    break;
                }
                from = half.logOffset() + 1;
            }
            if (!append() || callBytes >= MAX_CALL_BYTES) {
                callLeft = true;
                more = false;
            }
        }
        if (callMessages > 0) {
            LOG.info("half-messages-relocated count={} bytes={} below={}", callMessages, callBytes, endLogOffset);
        }
        return new TimerRelocation.Relocated(callMessages, callBytes, callLeft);
    }

    /** Returns whether to go on: where the disk takes nothing, the next ones need not be read. */
    private boolean take(OpenHalf listed, HalfCopier copies) {
        OpenHalf half = transactions.claim(listed.logOffset());
        if (half == null) {
            callLeft |= transactions.standing(listed.logOffset()) == TransactionIndex.Standing.CLAIMED;
            return true;
        }
        byte[] bytes = log.reader().readRecord(half.logOffset());
        if (bytes == null || !record.on(bytes, 0, bytes.length)) {
            LOG.warn("half-message-lost logOffset={} cause=\"no record there: damaged\"", half.logOffset());
            transactions.drop(half.logOffset());
            return true;
        }
        if (stage(half, copies)) {
            staged.add(half);
        } else {
            transactions.release(half.logOffset());
            callLeft = true;
        }
        if (batch.bytes().length() >= MAX_BATCH_BYTES && !append()) {
            callLeft = true;
            return false;
        }
        return true;
    }

    private boolean stage(OpenHalf half, HalfCopier copies) {
        int at = batch.count();
        int length = batch.bytes().length();
        try {
            if (copies.copy(record, half, batch)) {
                return true;
            }
            warn("The half message at log offset " + half.logOffset() + " is too large for a copy.");
        } catch (DiskException e) {
            warn(e.getMessage());
        }
        batch.truncate(at, length);
        return false;
    }

    /** Returns false if the batch was refused: then its half messages are as before. */
    private boolean append() {
        if (batch.count() == 0) {
            return true;
        }
        int bytes = batch.bytes().length();
        log.append(batch);
        appended.acquireUninterruptibly();
        boolean stored = batch.status() != AppendStatus.REFUSED;
        if (stored) {
            callMessages += staged.size();
            callBytes += bytes;
            lastWarning = "";
        } else {
            warn(batch.reason());
            staged.forEach(half -> transactions.release(half.logOffset()));
        }
        staged.clear();
        batch.clear();
        return stored;
    }

    private void warn(@Nullable String cause) {
        if (cause != null && !lastWarning.equals(cause) && log.writeState().kind() != WriteState.Kind.CLOSED) {
            LOG.warn(
                    "half-messages-not-relocated cause=\"{}\" action=\"old segments stay until they are decided or"
                            + " relocated; tried again later\"",
                    cause);
            lastWarning = cause;
        }
    }
}
