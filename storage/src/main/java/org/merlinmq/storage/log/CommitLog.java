package org.merlinmq.storage.log;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.index.LogIndex;
import org.merlinmq.storage.index.PublishedRecords;
import org.merlinmq.storage.index.Wakeup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's append-only history of messages, in segments of equal size.
 *
 * <p>An append takes the append lock twice, for moments: once to take its place (log offsets, queue offsets, store time)
 * and once to publish. Between the two it patches, checksums and writes its bytes without a lock, side by side with
 * others. Batches are published in the order in which they took their places: one that is written before its
 * predecessors waits in a FIFO, and whoever finishes the head publishes it. So no reader ever sees a record before all
 * bytes below it are written, and nothing is acknowledged above a hole.
 *
 * <p>What is published is read through {@link #reader()}.
 *
 * <p>Threading: any thread.
 *
 * <p>Units: a {@code logOffset} counts bytes since the first byte ever written.
 *
 * <p>Errors: a failed write or sync poisons the log: the batch and all above it are refused, and so is each later one. A
 * full disk at roll-over refuses until there is space. Reading goes on in both cases.
 *
 * <p>Format: docs/formats/commit-log.md.
 */
public final class CommitLog implements AutoCloseable {
    /** Kept free for the blank record at the end of a segment. */
    public static final int BLANK_BYTES = 8;

    private static final Logger LOG = LoggerFactory.getLogger(CommitLog.class);

    /** {@link #layOut}: all records have places. */
    private static final long PLACED = -1;

    private static final int WIPE_BYTES = 1 << 20;

    private static final int MAX_RESERVE_BYTES = 1 << 20;

    /** The reserve is this part of a segment, unless that is more than the maximum. */
    private static final int RESERVE_PART = 16;

    private final ReentrantLock appendLock;
    private final Condition drained;
    private final Segments segments;
    private final LongSupplier nowMillis;
    private final LogIndex[] indexes;
    private final PoisonMark mark;
    private final LogMark followMark;
    private final LogMark lostMark;
    private final LogReader reader;
    private final WriteGate gate = new WriteGate();
    private final ZeroAhead zeroAhead;
    private final Flusher flusher;
    private final CopyWaits copies;
    private final int maxRecordBytes;

    /**
     * Messages take the end of a segment only once the next one is there: on a full disk it is left for changes of the state.
     */
    private final long reserveBytes;

    private final ScanReport found;

    // Guarded by appendLock.
    private long reservedEnd;
    private long lastStoreMillis;
    private @Nullable AppendBatch head;
    private @Nullable AppendBatch tail;
    private long poisonedAt = Long.MAX_VALUE;
    private final GrowthWaiters growth = new GrowthWaiters();
    private long appendedRecords;
    private long appendedBatches;

    private volatile long publishedEnd;

    private CommitLog(LogContext context, Segments segments, long forced, LogStart start, ScanReport found) {
        this.appendLock = context.appendLock();
        this.drained = appendLock.newCondition();
        this.nowMillis = context.nowMillis();
        this.indexes = context.indexes().toArray(LogIndex[]::new);
        LogSettings settings = context.settings();
        this.segments = segments;
        // What fits a segment: a store's own are kept, whatever size is configured.
        this.maxRecordBytes = (int) Math.min(segments.segmentBytes() - BLANK_BYTES, LogScan.MAX_RECORD_BYTES);
        this.reserveBytes = Math.min(segments.segmentBytes() / RESERVE_PART, MAX_RESERVE_BYTES);
        this.zeroAhead = new ZeroAhead(segments, gate);
        this.reader = new LogReader(context.disk(), segments, () -> publishedEnd, context.nowMillis());
        this.mark = new PoisonMark(context.disk(), settings.folder());
        this.followMark = LogMark.follows(context.disk(), settings.folder());
        this.lostMark = LogMark.lost(context.disk(), settings.folder());
        this.found = found;
        this.reservedEnd = found.end();
        this.publishedEnd = found.end();
        this.lastStoreMillis = Math.max(start.lastStoreMillis(), found.lastStoreMillis());
        this.flusher = new Flusher(this, segments, settings, context.threads(), Math.max(forced, segments.begin()));
        this.copies = new CopyWaits(this, context.threads());
    }

    /** A log whose bytes below {@code forced} are known to be on the disk; the others go there soon. */
    static CommitLog start(LogContext context, Segments segments, long forced, LogStart start, ScanReport found) {
        CommitLog log = new CommitLog(context, segments, forced, start, found);
        log.flusher.start();
        if (forced < found.end()) {
            log.flusher.wrote();
        }
        return log;
    }

    /** What was found when the log was opened. */
    public ScanReport found() {
        return found;
    }

    /**
     * Whether this start or an earlier one has given up whole records, which lay behind damage that no crash explains. What was
     * acknowledged may be among them. Holds until {@link #lossIsKnown}.
     */
    public boolean hasLostRecords() {
        return lostMark.isSet();
    }

    /** Forgets the loss, which somebody has taken note of durably. */
    public void lossIsKnown() {
        lostMark.clear();
    }

    /** The largest record that can be appended, in bytes. */
    public int maxRecordBytes() {
        return maxRecordBytes;
    }

    /**
     * A batch for this log.
     *
     * @param usualLevel how safe its records are when it is told, unless that is changed
     * @param listener called at each append's end, by the appending thread or by another
     * @return an empty batch
     */
    public AppendBatch newBatch(AckLevel usualLevel, AppendListener listener) {
        return new AppendBatch(maxRecordBytes, usualLevel, copies, listener);
    }

    /**
     * Appends all records of a batch, or none. The batch is the log's until its listener was called, which often
     * happens before this returns.
     *
     * @param batch the records
     */
    public void append(AppendBatch batch) {
        if (batch.count() == 0) {
            batch.giveBack(AppendStatus.STORED, "");
            return;
        }
        batch.touch();
        String refusal = reserve(batch);
        if (refusal != null) {
            batch.finish(AppendStatus.REFUSED, refusal);
            return;
        }
        DiskException failure = null;
        boolean whole = false;
        try {
            batch.seal();
            write(batch);
            whole = true;
        } catch (DiskException e) {
            failure = e;
        } finally {
            finish(batch, whole, failure);
        }
    }

    /** Takes places for a batch. Returns why it cannot have them, or null. */
    private @Nullable String reserve(AppendBatch batch) {
        while (true) {
            long blockedAt;
            appendLock.lock();
            try {
                String refusal = gate.refusal(batch.spaceRule());
                if (refusal != null) {
                    return refusal;
                }
                blockedAt = layOut(batch);
                if (blockedAt < 0) {
                    return take(batch);
                }
            } finally {
                appendLock.unlock();
            }
            // What takes time is waited for without the lock; then the place is looked for again.
            String refusal = waitFor(blockedAt);
            if (refusal != null) {
                return refusal;
            }
        }
    }

    /** Makes the place at an offset one that can be written. Returns why it cannot be, or null. */
    private @Nullable String waitFor(long logOffset) {
        zeroAhead.await(logOffset);
        try {
            segments.ensure(segmentBase(logOffset));
            return null;
        } catch (DiskException e) {
            return lackSegment(logOffset, e);
        }
    }

    private @Nullable String lackSegment(long logOffset, DiskException cause) {
        String refusal;
        // Under the lock, as in makeSpare: the one who makes it sees that it was lacking, or it is seen here.
        appendLock.lock();
        try {
            refusal = segments.find(logOffset) == null ? gate.lackSegment(String.valueOf(cause.getMessage())) : null;
        } finally {
            appendLock.unlock();
        }
        flusher.wake();
        return refusal;
    }

    /** Under the lock: takes the places that were found. Returns why it cannot have them, or null. */
    private @Nullable String take(AppendBatch batch) {
        String deleted = batch.number();
        if (deleted != null) {
            return "Topic " + deleted + " was deleted while a message to it came in; send again.";
        }
        if (batch.records().has(RecordFacts.STATE)) {
            for (LogIndex index : indexes) {
                index.placed(batch.placed());
            }
        }
        reservedEnd = batch.end;
        batch.storeMillis = Math.max(lastStoreMillis, nowMillis.getAsLong());
        lastStoreMillis = batch.storeMillis;
        AppendBatch last = tail;
        if (last == null) {
            head = batch;
        } else {
            last.next = batch;
        }
        tail = batch;
        return null;
    }

    /**
     * Under the lock: finds the log offset of each record, and the end. Rolls to the next segment where one does not fit.
     *
     * @return {@link #PLACED}, or an offset that cannot be written yet, because its segment is not there or zeros are being
     *     written before it
     */
    private long layOut(AppendBatch batch) {
        long at = reservedEnd;
        Segment segment = segments.find(segmentBase(at));
        if (segment == null) {
            return at;
        }
        long segmentEnd = segment.end();
        batch.beginRuns(at);
        long reserved = batch.spaceRule() == SpaceRule.STATE ? 0 : reserveBytes;
        for (int i = 0; i < batch.count(); ) {
            int entries = batch.together(i);
            long bytes = batch.bytesOf(i, entries);
            if (bytes + BLANK_BYTES > segments.segmentBytes()) {
                // No segment holds the group: the first of it goes alone.
                entries = 1;
                bytes = batch.bytesOf(i, 1);
            }
            boolean fits = at + bytes + BLANK_BYTES <= segmentEnd;
            if ((!fits || at + bytes + reserved > segmentEnd) && segments.find(segmentEnd) == null) {
                return segmentEnd;
            }
            if (!fits) {
                batch.addRun(i, at);
                at = segmentEnd;
                segmentEnd += segments.segmentBytes();
            }
            for (int last = i + entries; i < last; i++) {
                batch.placeAt(i, at);
                at += batch.recordBytes(i);
            }
        }
        batch.end = at;
        return zeroAhead.isBelow(at) ? at : PLACED;
    }

    private long segmentBase(long logOffset) {
        long begin = segments.begin();
        return logOffset - (logOffset - begin) % segments.segmentBytes();
    }

    private void write(AppendBatch batch) {
        byte[] bytes = batch.bytes().array();
        for (int run = 0; run < batch.runCount(); run++) {
            long blankAt = batch.runBlankAt(run);
            if (blankAt >= 0) {
                writeBlank(blankAt);
            }
            int first = batch.runFirst(run);
            long to = batch.logOffset(first);
            segments.at(to).write(to, bytes, batch.recordAt(first), batch.bytesOf(first, batch.runEnd(run) - first));
        }
    }

    private void writeBlank(long at) {
        Segment segment = segments.at(at);
        byte[] blank = new byte[BLANK_BYTES];
        Bytes.putInt(blank, 0, (int) (segment.end() - at));
        Bytes.putInt(blank, 4, RecordLayout.MAGIC_BLANK);
        segment.write(at, blank, 0, BLANK_BYTES);
    }

    /** Publishes what is at the head of the FIFO and written; refuses what is above a failure. */
    private void finish(AppendBatch batch, boolean whole, @Nullable DiskException failure) {
        AppendBatch done;
        Wakeup woken = null;
        boolean flushWanted = false;
        appendLock.lock();
        try {
            batch.finished = true;
            if (!whole) {
                poisonedAt = Math.min(poisonedAt, batch.begin);
                gate.poison("Writing the log at offset " + batch.begin + " failed", failure);
            }
            AppendBatch lastDone = null;
            done = null;
            for (AppendBatch each = head; each != null && each.finished; each = head) {
                head = each.next;
                each.next = null;
                each.whole = each.begin < poisonedAt;
                if (each.whole) {
                    woken = publish(each, woken);
                }
                boolean waits = switch (each.ackLevel()) {
                    case WRITTEN, COPIED -> false;
                    case FLUSHED, FLUSHED_AND_COPIED -> each.whole;
                };
                if (waits) {
                    flushWanted |= flusher.enqueue(each);
                } else if (lastDone == null) {
                    done = each;
                    lastDone = each;
                } else {
                    lastDone.next = each;
                    lastDone = each;
                }
            }
            if (head == null) {
                tail = null;
                drained.signalAll();
            }
            woken = takeGrown(woken);
        } finally {
            appendLock.unlock();
        }
        if (!whole) {
            mark.set(batch.begin);
        }
        Wakeup.wakeAll(woken);
        if (flushWanted) {
            flusher.wake();
        }
        finishAll(done);
    }

    /** With those who asked to be woken when the log has grown so far. Under the append lock. */
    private @Nullable Wakeup takeGrown(@Nullable Wakeup woken) {
        return publishedEnd < growth.nearest() ? woken : growth.take(publishedEnd, woken);
    }

    private @Nullable Wakeup publish(AppendBatch batch, @Nullable Wakeup woken) {
        appendedBatches++;
        return publish(batch.records(), batch.end, woken);
    }

    private @Nullable Wakeup publish(PublishedRecords records, long end, @Nullable Wakeup woken) {
        for (LogIndex index : indexes) {
            index.apply(records);
        }
        appendedRecords += records.count();
        publishedEnd = end;
        // Either we see who waits, or who begins to wait sees what was published: both sides fence in between.
        VarHandle.fullFence();
        Wakeup chain = woken;
        for (LogIndex index : indexes) {
            chain = index.takeWaiters(records, chain);
        }
        return chain;
    }

    /**
     * Begins to follow another log: appends are refused from now on.
     *
     * @param rule what only the broker knows of a record
     * @param published is given the records that were published, on the receiver's thread with no lock held; valid during the
     *     call only
     * @return takes the other log's bytes
     */
    public LogReceiver follow(RecordRule rule, Consumer<PublishedRecords> published) {
        return new LogReceiver(this, rule, published);
    }

    /** Takes no more appends, and waits for those in flight. Returns where the log ends. */
    long beginReceiving() {
        appendLock.lock();
        try {
            if (gate.isFollowing()) {
                throw new IllegalStateException("the log follows another one already");
            }
            followMark.set();
            gate.following(true);
            while (head != null) {
                drained.awaitUninterruptibly();
            }
            return publishedEnd;
        } finally {
            appendLock.unlock();
        }
    }

    /** Writes the first of some bytes behind the end of the log, without publishing them. */
    void writeReceived(long from, byte[] bytes, int count) {
        WriteState now = gate.state();
        if (!now.writable()) {
            throw new DiskException(now.sentence(), now.kind() == WriteState.Kind.DISK_FULL, null);
        }
        long end = from + count;
        for (long base = segmentBase(from); base < end; base += segments.segmentBytes()) {
            String refusal = waitFor(base);
            if (refusal != null) {
                throw new DiskException(refusal, true, null);
            }
        }
        appendLock.lock();
        try {
            zeroAhead.await(end); // nobody reserves meanwhile, so it does not begin anew
            reservedEnd = Math.max(reservedEnd, end);
        } finally {
            appendLock.unlock();
        }
        try {
            for (long to = from; to < end; ) {
                Segment segment = segments.at(to);
                int part = (int) (Math.min(end, segment.end()) - to);
                segment.write(to, bytes, (int) (to - from), part);
                to += part;
            }
        } catch (DiskException e) {
            gate.poison("Writing the log at offset " + from + " failed", e);
            throw e;
        }
    }

    /** Publishes records that were written by {@link #writeReceived}, with all bytes below an offset. */
    void publishReceived(PublishedRecords records, long end, long storeMillis) {
        Wakeup woken;
        appendLock.lock();
        try {
            woken = takeGrown(publish(records, end, null));
            lastStoreMillis = Math.max(lastStoreMillis, storeMillis);
        } finally {
            appendLock.unlock();
        }
        Wakeup.wakeAll(woken);
        flusher.wrote();
    }

    /** Takes appends again. What was received behind the last whole record is wiped out. */
    void endReceiving() {
        long from = publishedEnd;
        try {
            for (long at = from; at < reservedEnd; ) {
                Segment segment = segments.at(at);
                byte[] wiped = new byte[(int) Math.min(WIPE_BYTES, Math.min(reservedEnd, segment.end()) - at)];
                segment.write(at, wiped, 0, wiped.length);
                at += wiped.length;
            }
            segments.force(from, reservedEnd);
            followMark.clear();
        } catch (DiskException e) {
            gate.poison("Wiping out the log behind offset " + from + " failed", e);
        }
        appendLock.lock();
        try {
            reservedEnd = publishedEnd;
            gate.following(false);
        } finally {
            appendLock.unlock();
        }
    }

    /** Takes no more appends, whoever makes them, and waits for those in flight; what follows another log is taken. */
    public void standBy() {
        appendLock.lock();
        try {
            gate.standBy(true);
            while (head != null) {
                drained.awaitUninterruptibly();
            }
        } finally {
            appendLock.unlock();
        }
    }

    /** Takes appends again after {@link #standBy}. */
    public void takeAppends() {
        appendLock.lock();
        try {
            gate.standBy(false);
        } finally {
            appendLock.unlock();
        }
    }

    /** Whether no appends are taken since {@link #standBy}. */
    public boolean standsBy() {
        return gate.isStandingBy();
    }

    /** Whether the log follows another one: a {@link LogReceiver} is open. */
    public boolean isFollowing() {
        return gate.isFollowing();
    }

    /**
     * Runs something at the place where the log ends while it follows another one: nothing is published meanwhile.
     *
     * @param action takes the end
     * @throws IllegalStateException if the log follows no other one
     */
    public void whileFollowing(LongConsumer action) {
        appendLock.lock();
        try {
            if (!gate.isFollowing()) {
                throw new IllegalStateException("the log follows no other one: append a record");
            }
            action.accept(publishedEnd);
        } finally {
            appendLock.unlock();
        }
    }

    /** Where the segment ends that holds an offset, or will. */
    long segmentEnd(long logOffset) {
        return segmentBase(logOffset) + segments.segmentBytes();
    }

    private void finishAll(@Nullable AppendBatch first) {
        if (first == null) {
            return;
        }
        flusher.wrote();
        AppendBatch each = first;
        while (each != null) {
            // The listener may use the batch at once: what is next must be read before.
            AppendBatch next = each.next;
            each.next = null;
            if (each.whole) {
                each.finish(AppendStatus.STORED, "");
            } else {
                each.finish(AppendStatus.REFUSED, gate.state().sentence());
            }
            each = next;
        }
    }

    /**
     * Makes the next segment ahead of need, and ends a refusal that came from the lack of it.
     *
     * @return false if one is needed and there is no space still
     */
    boolean makeSpare() {
        long last = segments.end();
        boolean lacking = gate.lacksSegment();
        // A missing one is needed at once if a batch was refused, soon if half of the last is used.
        if (!lacking && publishedEnd < last - segments.segmentBytes() / 2) {
            return true;
        }
        try {
            segments.ensure(last);
        } catch (DiskException e) {
            LOG.debug("segment-ahead-failed cause=\"{}\"", e.getMessage());
            return !lacking;
        }
        appendLock.lock();
        try {
            gate.haveSegment();
        } finally {
            appendLock.unlock();
        }
        return true;
    }

    /** Writes zeros ahead of the records if that is due. Called by log-flush after a sync of so many bytes. */
    void zeroAhead(long syncedBytes) {
        if (!zeroAhead.isDue(publishedEnd, syncedBytes)) {
            return;
        }
        appendLock.lock();
        try {
            zeroAhead.begin(reservedEnd);
        } finally {
            appendLock.unlock();
        }
        zeroAhead.write();
    }

    /** Where the newest published record ends. */
    public long maxLogOffset() {
        return publishedEnd;
    }

    /** All bytes below are on the disk. */
    public long flushedLogOffset() {
        return flusher.flushedEnd();
    }

    /** Reads what is published, on any thread. */
    public LogReader reader() {
        return reader;
    }

    /**
     * Refuses all writes from now on.
     *
     * @param what what happened, the beginning of a sentence
     * @param cause the cause, if there is one
     */
    public void poison(String what, @Nullable Throwable cause) {
        gate.poison(what, cause);
    }

    /**
     * Refuses writes while there is too little space, or takes them again.
     *
     * @param sentence why, and what cures it; empty to take writes
     */
    public void forbid(String sentence) {
        gate.forbid(sentence);
    }

    /** Whether writes are taken. */
    public WriteState writeState() {
        return gate.state();
    }

    /** Who waits for other brokers. */
    public CopyWaits copies() {
        return copies;
    }

    /** Who waits for the disk. */
    public FlushQueue flushQueue() {
        return flusher.queue();
    }

    /**
     * What the log did since it was opened.
     *
     * @return the numbers
     */
    public LogStats stats() {
        appendLock.lock();
        try {
            return new LogStats(
                    appendedRecords,
                    appendedBatches,
                    publishedEnd - found.end(),
                    flusher.syncs(),
                    flusher.waits(),
                    reader.damagedReads());
        } finally {
            appendLock.unlock();
        }
    }

    /**
     * Makes all that is published durable now.
     *
     * @return the end of what is durable; less than was published if the log is poisoned
     */
    public long flush() {
        flusher.sync();
        return flusher.flushedEnd();
    }

    /** Asks for a sync at once, without waiting for it. */
    public void syncSoon() {
        flusher.syncSoon();
    }

    /**
     * Hears of each sync from now on.
     *
     * @param listener called by the syncing thread with no lock held
     */
    public void afterSync(LogWaiter listener) {
        flusher.afterSync(listener);
    }

    /**
     * Asks that somebody is woken when the log has grown to an offset, once; that takes the place of what it asked before.
     *
     * @param waiter whom to wake
     * @param logOffset when the published end reaches it; at once if it has
     */
    public void wakeAt(LogWaiter waiter, long logOffset) {
        boolean now;
        appendLock.lock();
        try {
            now = publishedEnd >= logOffset;
            if (now) {
                growth.remove(waiter);
            } else {
                growth.put(waiter, logOffset);
            }
        } finally {
            appendLock.unlock();
        }
        if (now) {
            waiter.wake();
        }
    }

    /**
     * Forgets what somebody asked by {@link #wakeAt}. It may still be woken by an append that is under way.
     *
     * @param waiter who does not wait any more
     */
    public void wakeNever(LogWaiter waiter) {
        appendLock.lock();
        try {
            growth.remove(waiter);
        } finally {
            appendLock.unlock();
        }
    }

    /** Deletes the oldest segment, which must be written no more. Readers inside are safe. */
    public void dropFirstSegment() {
        Segment dropped = segments.dropFirst(publishedEnd);
        LOG.info("segment-deleted file={} logOffset={}", dropped.path(), dropped.base());
    }

    /** Takes no more writes, waits for those in flight and makes them durable. Reading goes on. */
    public void stop() {
        appendLock.lock();
        try {
            if (!gate.close()) {
                return;
            }
            while (head != null) {
                drained.awaitUninterruptibly();
            }
        } finally {
            appendLock.unlock();
        }
        flusher.close();
        copies.close();
    }

    /** Stops, and closes the files. */
    @Override
    public void close() {
        stop();
        segments.close();
    }

    /**
     * The latest store time given.
     *
     * @return milliseconds since 1970
     */
    public long lastStoreMillis() {
        appendLock.lock();
        try {
            return lastStoreMillis;
        } finally {
            appendLock.unlock();
        }
    }
}
