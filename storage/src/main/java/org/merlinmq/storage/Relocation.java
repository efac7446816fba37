package org.merlinmq.storage;

import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.CommitLog;
import org.merlinmq.storage.log.SpaceRule;
import org.merlinmq.storage.log.WriteState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends records anew at the log's end, batch by batch, so that the segment can be deleted which has them now: what {@link
 * TimerRelocation} and {@link HalfRelocation} do alike. The copy names the original, so that one and the same record settles
 * the old one and enters the new one: a crash finds the one or the other, never none and never both.
 *
 * <p>Threading: {@code store-tail}.
 *
 * <p>Limits: a call appends about {@link #MAX_CALL_BYTES}, in batches of at most {@link #MAX_BATCH_MESSAGES} or about
 * {@link #MAX_BATCH_BYTES}.
 *
 * <p>Errors: what cannot be appended stays where it is. The log says why, once until it succeeds again.
 */
final class Relocation {
    private static final Logger LOG = LoggerFactory.getLogger(Relocation.class);

    static final int MAX_BATCH_MESSAGES = 512;
    private static final int MAX_BATCH_BYTES = 1 << 20;
    private static final long MAX_CALL_BYTES = 64L << 20;

    private final CommitLog log;
    private final Kind kind;
    private final Semaphore appended = new Semaphore(0);
    private final AppendBatch batch;
    private long bytes;
    private long messages;
    private String lastWarning = "";

    /** What is relocated, in the words of the log's lines, and what else lets its segment go. */
    enum Kind {
        TIMERS("timers", "delivered"),
        HALF_MESSAGES("half-messages", "decided");

        private final String name;
        private final String otherwise;

        Kind(String name, String otherwise) {
            this.name = name;
            this.otherwise = otherwise;
        }
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

    Relocation(CommitLog log, Kind kind) {
        this.log = log;
        this.kind = kind;
        // No batch waits for the disk: the segment does, for all at once.
        batch = log.newBatch(AckLevel.WRITTEN, done -> appended.release());
        batch.spaceRule(SpaceRule.MAKES_ROOM);
    }

    /** Begins a call. */
    void begin() {
        bytes = 0;
        messages = 0;
    }

    /** Ends a call; {@code left}: some have to stay for now. */
    Relocated end(long endLogOffset, boolean left) {
        if (messages > 0) {
            LOG.info("{}-relocated count={} bytes={} below={}", kind.name, messages, bytes, endLogOffset);
        }
        return new Relocated(messages, bytes, left);
    }

    /** How many copies the batch holds: the index of the next one. */
    int staged() {
        return batch.count();
    }

    /**
     * Adds a copy to the batch.
     *
     * @param logOffset where the original begins
     * @param copy adds it; returns false if it is too large
     * @return whether it was added
     */
    boolean stage(long logOffset, Predicate<AppendBatch> copy) {
        int count = batch.count();
        int length = batch.bytes().length();
        try {
            if (copy.test(batch)) {
                return true;
            }
            warn("The message at log offset " + logOffset + " is too large for a copy.");
        } catch (DiskException e) {
            warn(e.getMessage());
        }
        batch.truncate(count, length);
        return false;
    }

    /** Appends the batch if it is full. Returns false if the call is to end: it was refused, or enough was appended. */
    boolean appendIfFull(IntConsumer refused) {
        boolean full = batch.count() == MAX_BATCH_MESSAGES || batch.bytes().length() >= MAX_BATCH_BYTES;
        return !full || (append(refused) && bytes < MAX_CALL_BYTES);
    }

    /**
     * Appends what was staged.
     *
     * @param refused is called with the index of each copy if the log does not take them
     * @return whether it does
     */
    boolean append(IntConsumer refused) {
        int count = batch.count();
        if (count == 0) {
            return true;
        }
        int size = batch.bytes().length();
        log.append(batch);
        appended.acquireUninterruptibly();
        boolean stored = batch.status() != AppendStatus.REFUSED;
        if (stored) {
            messages += count;
            bytes += size;
            lastWarning = "";
        } else {
            warn(batch.reason());
            for (int i = 0; i < count; i++) {
                refused.accept(i);
            }
        }
        batch.clear();
        return stored;
    }

    private void warn(@Nullable String cause) {
        if (cause != null && !lastWarning.equals(cause) && log.writeState().kind() != WriteState.Kind.CLOSED) {
            LOG.warn(
                    "{}-not-relocated cause=\"{}\" action=\"old segments stay until they are {} or relocated; tried"
                            + " again later\"",
                    kind.name,
                    cause,
                    kind.otherwise);
            lastWarning = cause;
        }
    }
}
