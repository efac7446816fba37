package org.merlinmq.storage;

import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.thread.StoreThreads;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.CommitLog;
import org.merlinmq.storage.log.EpochTable;
import org.merlinmq.storage.log.LogWaiter;
import org.merlinmq.storage.queue.ReadableEnd;
import org.merlinmq.storage.retention.Expiry;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.state.StateEntries;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what lags the log on purpose: checkpoints, and deleting old segments.
 *
 * <p>A checkpoint is due when the log has grown by so much since the last one, or so long after the first append that
 * none covers; sooner if what a crash would leave to be read again is no little. While nothing is appended none is made, and
 * the thread wakes only to check the disk.
 *
 * <p>Threading: one thread, {@code store-tail}.
 */
final class StoreMaintenance implements StoreThreads.Task, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreMaintenance.class);
    private static final long SECOND = 1_000_000_000L;

    /** Once the log has grown by this part of what makes a checkpoint due, one comes after this part of the interval. */
    private static final int SOON_BYTES_PART = 32;

    private static final int SOON_INTERVAL_PART = 5;

    /** How often the disk's space is checked. */
    private static final long DISK_CHECK_NANOS = 10 * SECOND;

    /** Mending reads a part of the log, perhaps a large one: not again at once if it failed. */
    private static final long MEND_NANOS = 60 * SECOND;

    /** For how many checks an administrator's request holds if what it is to delete is still needed. Source: RocketMQ's 20. */
    private static final int REQUESTED_CHECKS = 20;

    private final StorageConfig config;
    private final Disk disk;
    private final Clock clock;
    private final CommitLog log;
    private final Indexes indexes;
    private final Checkpointer checkpointer;
    private final Damages damages;
    private final RecordRule rule;
    private volatile Expiry expiry;

    /** The same at any hour: what an administrator asks for. */
    private volatile Expiry expiryNow;

    private final EpochTable epochs;
    private final ConfirmedFile confirmed;
    private final TimerRelocation relocation;
    private final HalfRelocation halfRelocation;
    private final SegmentRelease release;
    private final StoreThreads threads;
    private final StoreThreads.Worker worker;
    private final LogWaiter growth;

    /** No checkpoint names what was made anew at the start: until one does, it may have to be made anew once more. */
    private boolean madeAnew;

    private volatile boolean closing;

    /** Whether the confirmed end has grown since it was last written. */
    private volatile boolean confirmedMoved;

    /** Who waits for the check that an administrator asked for. */
    private final AtomicReference<@Nullable CompletableFuture<Integer>> asked = new AtomicReference<>();

    // Of the thread alone.
    private long firstUncovered;
    private long confirmedAt;
    private long nextCheckAt;
    private boolean mendAgain;
    private long mendAt;

    /** Checks to come that delete at any hour. Guarded by this. */
    private int requestedChecks;

    StoreMaintenance(
            StorageConfig config,
            StoreEnvironment environment,
            CommitLog log,
            RecordRule rule,
            Indexes indexes,
            Checkpointer checkpointer,
            Damages damages,
            EpochTable epochs,
            ConfirmedFile confirmed) {
        this.config = config;
        this.disk = environment.disk();
        this.clock = environment.clock();
        this.threads = environment.threads();
        this.log = log;
        this.rule = rule;
        this.indexes = indexes;
        this.checkpointer = checkpointer;
        this.damages = damages;
        this.epochs = epochs;
        this.confirmed = confirmed;
        this.expiry = expiry(config, config.deleteHours());
        this.expiryNow = expiry(config, IntStream.range(0, 24).boxed().toList());
        this.relocation = new TimerRelocation(log, indexes.timers());
        this.halfRelocation = new HalfRelocation(log, indexes.transactions().halves());
        this.release = new SegmentRelease(log, indexes, relocation, halfRelocation);
        this.worker = threads.worker("store-tail", this);
        this.growth = worker::wake;
        this.nextCheckAt = threads.nanoTime();
        this.confirmedAt = nextCheckAt;
        damages.mender(worker);
    }

    private static Expiry expiry(StorageConfig config, List<Integer> hours) {
        return new Expiry(config.retention(), hours, config.diskMaxUsed(), config.diskForce(), config.diskRefuse());
    }

    /** Takes over how long messages are kept and how full the disk may be, from the next check on. */
    void retain(StorageConfig next) {
        expiry = expiry(next, next.deleteHours());
        expiryNow = expiry(next, IntStream.range(0, 24).boxed().toList());
    }

    /** Whether the oldest segments are deleted, however young, to make room. */
    boolean deletesByForce() {
        return expiry.forceAt() < 1;
    }

    void beforeExpiry(TimerCopier copier) {
        relocation.copier(copier);
    }

    void beforeHalvesExpire(HalfCopier copier) {
        halfRelocation.copier(copier);
    }

    /**
     * Makes a checkpoint before the thread starts: because there is none, or because it does not name files that were made
     * anew. Without any, recovery knows nothing of the log and cuts off nothing that is readable, also not what is behind a
     * hole that a crash left.
     */
    void checkpointAtStart() {
        madeAnew = true;
    }

    void start() {
        if (madeAnew) {
            checkpoint(true);
        }
        worker.start();
    }

    @Override
    public long step() {
        long now = threads.nanoTime();
        CompletableFuture<Integer> waiting = asked.getAndSet(null);
        if (waiting != null || now - nextCheckAt >= 0) {
            CheckResult result = check(waiting != null);
            nextCheckAt = now + (result.moreSoon() ? SECOND : DISK_CHECK_NANOS);
            if (waiting != null) {
                waiting.complete(result.deleted());
            }
        }
        if (damages.take() || (mendAgain && now - mendAt >= 0)) {
            mend();
        }
        long nanos = Math.max(0, Math.min(nextCheckAt - now, Math.min(untilConfirmed(now), untilCheckpoint(now))));
        // Asked again right here: waiting for a lock above may have used up the wake-up that was sent.
        return asked.get() == null ? nanos : 0;
    }

    @Override
    public void failed(Throwable bug) {
        // Without checkpoints the log would grow for ever: a bug here must be seen at once.
        log.poison("The thread store-tail ended by a bug", bug);
    }

    /** Shows readers only what the last run knew to be confirmed. Before anybody else knows the store. */
    void boundReaders() {
        long end = log.maxLogOffset();
        indexes.queues().readable().bound(confirmed.logOffset(log.reader().minLogOffset(), end));
    }

    /** More may be read: kept soon, for the next start. */
    void readableMoved() {
        if (!confirmedMoved) {
            confirmedMoved = true;
            worker.wake();
        }
    }

    /** Writes the confirmed end if that is due; returns how long until to ask again. */
    private long untilConfirmed(long now) {
        if (!confirmedMoved) {
            return Long.MAX_VALUE;
        }
        if (now - confirmedAt < 0) {
            return confirmedAt - now;
        }
        confirmedAt = now + SECOND;
        confirmedMoved = false;
        if (!writeConfirmed()) {
            confirmedMoved = true;
            return SECOND;
        }
        return Long.MAX_VALUE;
    }

    private synchronized boolean writeConfirmed() {
        long end = indexes.queues().readable().logOffset();
        if (end == ReadableEnd.UNBOUNDED) {
            return true;
        }
        try {
            confirmed.write(end);
            return true;
        } catch (DiskException e) {
            LOG.warn("confirmed-not-written cause=\"{}\" action=\"tried again\"", e.getMessage());
            return false;
        }
    }

    /** Makes a checkpoint if it is due; returns how long until to ask again. */
    private long untilCheckpoint(long now) {
        long uncovered = log.maxLogOffset() - checkpointer.logOffset();
        if (uncovered <= 0) {
            firstUncovered = 0;
            log.wakeAt(growth, checkpointer.logOffset() + 1);
            return Long.MAX_VALUE;
        }
        if (firstUncovered == 0) {
            firstUncovered = now;
        }
        long soonBytes = config.checkpointBytes() / SOON_BYTES_PART;
        boolean little = uncovered < soonBytes;
        long interval = config.checkpointInterval().toNanos() / (little ? 1 : SOON_INTERVAL_PART);
        long left = interval - (now - firstUncovered);
        boolean many = indexes.tailEntries() >= config.checkpointEntries();
        if (left > 0 && uncovered < config.checkpointBytes() && !many) {
            log.wakeAt(growth, checkpointer.logOffset() + (little ? soonBytes : config.checkpointBytes()));
            return left;
        }
        firstUncovered = 0;
        return checkpoint(false) ? 0 : config.checkpointInterval().toNanos();
    }

    private synchronized boolean checkpoint(boolean anew) {
        try {
            boolean made = checkpointer.run(log.flush(), log.lastStoreMillis(), anew);
            madeAnew &= !made;
            return made;
        } catch (DiskException | DamagedRunException e) {
            LOG.error("checkpoint-failed cause=\"{}\" action=\"tried again later\"", e.getMessage(), e);
            return false;
        }
    }

    /** What a copy begins with. No segment is deleted and no snapshot is written meanwhile. */
    synchronized CopyStart copyStart() {
        StateEntries state = new StateEntries();
        StateEntries queues = new StateEntries();
        long logOffset = log.reader().minLogOffset();
        long stateLogOffset = Math.max(logOffset, indexes.state().copyNewest(state));
        indexes.queues().copy(queues);
        return new CopyStart(logOffset, log.reader().segmentBytes(), stateLogOffset, state, queues);
    }

    synchronized void checkpointNow() {
        checkpointer.run(log.flush(), log.lastStoreMillis(), true);
    }

    /** Makes damaged runs again from the log, and names the new ones in a checkpoint. */
    private synchronized void mend() {
        mendAgain = false;
        try {
            boolean any = indexes.mend(log.reader()::scan, rule);
            // Also for snapshots: the checkpoint writes a whole one in a damaged one's place.
            checkpointer.run(log.flush(), log.lastStoreMillis(), true);
            if (any) {
                LOG.warn("damage-mended from=\"the commit log\"");
            }
        } catch (DamagedRunException e) {
            LOG.debug("mending-again cause=\"{}\"", e.getMessage());
            mendAgain = true;
            mendAt = threads.nanoTime();
        } catch (DiskException e) {
            LOG.error("mending-failed cause=\"{}\" action=\"tried again in a minute\"", e.getMessage(), e);
            mendAgain = true;
            mendAt = threads.nanoTime() + MEND_NANOS;
        }
    }

    /** Requests a check that deletes at any hour; those who come meanwhile wait for the same. */
    CompletableFuture<Integer> deleteExpired() {
        CompletableFuture<Integer> mine = new CompletableFuture<>();
        CompletableFuture<Integer> first = asked.compareAndExchange(null, mine);
        CompletableFuture<Integer> waiting = first == null ? mine : first;
        worker.wake();
        if (closing) {
            waiting.cancel(false);
        }
        return waiting.copy();
    }

    /** How many segments a check deleted, and whether there is more to do soon. */
    private record CheckResult(int deleted, boolean moreSoon) {}

    /** Checks from outside, for tests; returns whether there is more to do soon. */
    boolean checkDisk() {
        return check(false).moreSoon();
    }

    /** Deletes what is too old, and forbids or allows writes. The lock is for tests. */
    private synchronized CheckResult check(boolean requested) {
        requestedChecks = requested ? REQUESTED_CHECKS : requestedChecks;
        try {
            Expiry.DiskUse use = new Expiry.DiskUse(
                    disk.totalBytes(config.commitLogFolder()), disk.usableBytes(config.commitLogFolder()));
            Expiry.Plan plan = (requestedChecks > 0 ? expiryNow : expiry)
                    .plan(
                            clock.instant(),
                            clock.getZone(),
                            use,
                            log.reader().segmentBytes(),
                            log.reader().newestMillisBySegment());
            log.forbid(plan.refusal());
            CheckResult result = delete(plan);
            if (requestedChecks > 0) {
                noteRequested(plan, result);
            }
            return result;
        } catch (DiskException e) {
            LOG.error("retention-failed cause=\"{}\" action=\"tried again later\"", e.getMessage(), e);
            return new CheckResult(0, false);
        }
    }

    /** While delayed messages are being relocated a check does not count. */
    private void noteRequested(Expiry.Plan plan, CheckResult result) {
        int left = plan.segments() - result.deleted();
        LOG.info("expired-segments-deleted count={} left={}", result.deleted(), left);
        if (!result.moreSoon()) {
            requestedChecks = left == 0 ? 0 : requestedChecks - 1;
        }
    }

    private CheckResult delete(Expiry.Plan plan) {
        if (madeAnew && !checkpoint(true)) {
            return new CheckResult(0, false);
        }
        List<Long> ends = log.reader().segmentEnds();
        SegmentRelease.Readiness readiness = SegmentRelease.Readiness.MAY_GO;
        int deleted = 0;
        while (deleted < plan.segments()) {
            readiness = release.prepare(ends.get(deleted), deleted >= plan.expired());
            if (readiness != SegmentRelease.Readiness.MAY_GO || !isCovered()) {
                break;
            }
            // Queues forget the entries first, so that no reader is sent to a file that is gone.
            indexes.retain(ends.get(deleted));
            log.dropFirstSegment();
            deleted++;
        }
        if (deleted > plan.expired()) {
            LOG.warn("segments-forced count={} cause=\"the disk is nearly full\"", deleted - plan.expired());
        }
        return new CheckResult(deleted, readiness == SegmentRelease.Readiness.SOON);
    }

    /**
     * Whether a checkpoint covers what let a segment go: copies of what waited in it, and what settled the rest. A group's log can be
     * cut back, but not below its checkpoint once segments are deleted: else messages would wait again whose records are gone.
     */
    private boolean isCovered() {
        return !epochs.isOfGroup() || checkpointer.logOffset() >= log.maxLogOffset() || checkpoint(false);
    }

    /** Ends the thread and makes a last checkpoint. */
    @Override
    public void close() {
        closing = true;
        worker.close();
        CompletableFuture<Integer> waiting = asked.getAndSet(null);
        if (waiting != null) {
            waiting.cancel(false);
        }
        writeConfirmed();
        if (log.maxLogOffset() > checkpointer.logOffset()) {
            checkpoint(false);
        }
    }
}
