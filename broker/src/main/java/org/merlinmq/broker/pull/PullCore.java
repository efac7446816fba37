package org.merlinmq.broker.pull;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.dispatch.DiskRefusal;
import org.merlinmq.broker.filter.Filter;
import org.merlinmq.broker.filter.RecordFilter;
import org.merlinmq.broker.limit.DeliveryLimit;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.pull.PullResult.Status;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Parked;
import org.merlinmq.transport.Loop;
import org.merlinmq.transport.dispatch.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands messages out: finds the entries that follow an offset, and copies their records as they lie in the log straight
 * into the answer. A pull that finds nothing waits on its queue; the append that brings a message for it completes it. The
 * core knows no frame and no connection; a shell fills the request and writes the answers.
 *
 * <p>Threading: one per event loop; every method on that loop.
 *
 * <p>Source: requests 11 and 361; which answer an offset gets is the decision table of RocketMQ 5.
 *
 * @param <C> the shell's kind of client
 */
public final class PullCore<C> {
    private static final Logger LOG = LoggerFactory.getLogger(PullCore.class);

    /** Entries looked at for one answer when a filter takes few of them. */
    private static final int MAX_SCANNED_ENTRIES = MatchingRecords.MAX_ENTRIES;

    private static final int SLICE_ENTRIES = 64;
    private static final long MAX_SUSPEND_MILLIS = 100_000;

    /** How long a pull that does not wait for messages waits for a damaged index that is being made anew. */
    private static final long REBUILD_HOLD_MILLIS = 2_000;

    /** How long a pull that does not wait for messages waits for its limit. */
    private static final long LIMIT_HOLD_MILLIS = 2_000;

    private static final PullOutcome.Refused STOPPING = new PullOutcome.Refused(
            new Refusal(ResponseCode.SERVICE_NOT_AVAILABLE, "the broker is stopping; pull again in some seconds"),
            Forbidden.NOTHING);

    private final PullChecks checks;
    private final RecordReader records;
    private final Loop loop;
    private final PullReplies<C> replies;
    private final PullCounters counters;
    private final LongSupplier nowMillis;
    private final PullResult result = new PullResult();
    private final EntrySlice scanned = new EntrySlice(SLICE_ENTRIES);
    private final MatchingRecords matching;
    private final ParkedPulls<C> parked;
    private final EarlyPulls<C> early = new EarlyPulls<>();
    private final HeldPulls<C> held;
    private final ArrivedRecords arrived;
    private EntrySlice picked = new EntrySlice(SLICE_ENTRIES);
    private final SlaveReads slaveReads;
    private boolean sweeping;

    /** For threads that append. */
    private volatile boolean stopped;

    /** Behind the last entry that {@link #found} looked at. */
    private long lookedTo;

    /**
     * The core of one loop.
     *
     * @param checks who may pull what; of this loop alone
     * @param storage where the messages are
     * @param loop the loop
     * @param replies how clients are answered
     * @param counters what this loop counts
     * @param slaveReads where readers go next
     * @param nowMillis the clock that parked pulls are timed by
     * @param nanoTime the clock that limits are timed by
     * @param arrived shows filters what has arrived; one for the cores of all loops
     */
    public PullCore(
            PullChecks checks,
            Storage storage,
            Loop loop,
            PullReplies<C> replies,
            PullCounters counters,
            SlaveReads slaveReads,
            LongSupplier nowMillis,
            LongSupplier nanoTime,
            ArrivedRecords arrived) {
        this.checks = checks;
        this.records = storage.newRecordReader();
        this.matching = new MatchingRecords(records);
        this.loop = loop;
        this.replies = replies;
        this.counters = counters;
        this.slaveReads = slaveReads;
        this.parked = new ParkedPulls<>(counters);
        this.nowMillis = nowMillis;
        this.held = new HeldPulls<>(loop, nanoTime, this::turn);
        this.arrived = arrived;
        arrived.add(loop, records);
        checks.onHeartbeat(this::heartbeat);
    }

    Loop loop() {
        return loop;
    }

    ArrivedRecords arrived() {
        return arrived;
    }

    /**
     * Answers a pull, now or when a message comes.
     *
     * @param request the pull
     * @param client who waits for the answer; null for nobody: then it only commits its offset
     * @param token handed back with the answer
     */
    void pull(PullRequest request, @Nullable C client, long token) {
        PullOutcome outcome = checks.resolve(request);
        if (client != null
                && outcome instanceof PullOutcome.Refused refused
                && refused.untilHeartbeat()
                && !early.isFull()) {
            hold(request, client, token, refused);
        } else {
            settle(outcome, request, client, token);
        }
    }

    private void settle(PullOutcome outcome, PullRequest request, @Nullable C client, long token) {
        switch (outcome) {
            case PullOutcome.Refused refused -> {
                if (client != null) {
                    replies.refused(client, token, refused);
                }
            }
            case PullOutcome.Ready ready -> {
                PullTarget target = ready.target();
                // What lies beyond the queue's end was consumed from a queue of that name that is gone.
                if (request.commitOffset >= 0
                        && request.commitOffset <= target.queue().maxOffset()) {
                    target.progress().commit(request.queueId, request.commitOffset);
                }
                if (client != null) {
                    answer(request, client, token, target);
                }
            }
        }
    }

    // ---- pulls that came before their heartbeat

    private void hold(PullRequest request, C client, long token, PullOutcome.Refused refused) {
        long deadline = nowMillis.getAsLong() + EarlyPulls.HOLD_MILLIS;
        EarlyPulls.Held<C> pull =
                new EarlyPulls.Held<>(request.group.text(), request.copy(), client, token, refused, deadline);
        early.add(pull);
        // The heartbeat may have come between the check and the line above, and then found nobody to tell.
        if (tryAgain(pull)) {
            early.removeLast();
        } else {
            startSweeping();
        }
    }

    /** On the thread of the heartbeat. */
    private void heartbeat(ConsumerGroup group) {
        if (!early.isEmpty()) {
            loop.execute(() -> early.heartbeat(group.name(), this::tryAgain));
        }
    }

    /** Whether the pull needs to be held no longer. */
    private boolean tryAgain(EarlyPulls.Held<C> pull) {
        if (!replies.isOpen(pull.client())) {
            return true;
        }
        PullOutcome outcome = checks.resolve(pull.request());
        if (outcome instanceof PullOutcome.Refused refused && refused.untilHeartbeat()) {
            return false;
        }
        settle(outcome, pull.request(), pull.client(), pull.token());
        return true;
    }

    private void refuse(EarlyPulls.Held<C> pull) {
        if (!tryAgain(pull)) {
            replies.refused(pull.client(), pull.token(), pull.refused());
        }
    }

    // ---- offsets

    private void answer(PullRequest request, C client, long token, PullTarget target) {
        long resetTo = target.progress().takeReset(request.queueId);
        // Whoever begins at the beginning has nothing that a reset to there would take from it.
        if (resetTo != ConsumeProgress.NONE && !(resetTo == 0 && request.queueOffset == 0)) {
            nothing(client, token, target, ResponseCode.PULL_OFFSET_MOVED, Status.OFFSET_RESET, resetTo);
            return;
        }
        long offset = request.queueOffset;
        // What lies beyond is not confirmed: a reader may have got it where it was, from the broker that led before.
        long max = target.queue().readableOffset();
        long min = target.queue().minOffset();
        if (offset >= min && offset < max) {
            if (target.limit() != null && holdBack(request, client, token, target)) {
                return;
            }
            if (found(client, token, target, offset)) {
                return;
            }
            if (lookedTo == offset) {
                awaitEntries(request, client, token, target);
                return;
            }
            nothing(client, token, target, ResponseCode.PULL_RETRY_IMMEDIATELY, Status.NO_MATCHED_MESSAGE, lookedTo);
        } else if (isNext(target, offset, max)) {
            parkOrAnswer(request, client, token, target, max);
        } else if (offset < min) {
            nothing(client, token, target, ResponseCode.PULL_OFFSET_MOVED, Status.OFFSET_TOO_SMALL, min);
        } else if (slaveReads.isCopy()) {
            // The master has given out what has not come here yet.
            awaitEntries(request, client, token, target);
        } else {
            Status met = max == 0 ? Status.NO_MESSAGE_IN_QUEUE : Status.OFFSET_OVERFLOW_BADLY;
            nothing(client, token, target, ResponseCode.PULL_OFFSET_MOVED, met, restart(target, min));
        }
    }

    /** Whether the message at an offset is one that comes next, or that is there and that nobody may have yet. */
    private static boolean isNext(PullTarget target, long offset, long readable) {
        return offset >= readable && offset <= target.queue().maxOffset();
    }

    /**
     * Where a group goes on whose offset is of a queue that is gone, or of messages that a loss of power took: at its commit
     * in this queue, or at the beginning if it has none. At the end, as RocketMQ has it, it would miss what is there.
     */
    private static long restart(PullTarget target, long min) {
        long committed = target.progress().committed(target.queue().queueId());
        return committed >= min && committed <= target.queue().maxOffset() ? committed : min;
    }

    // ---- pulls that wait for their topic's or group's limit

    private boolean holdBack(PullRequest request, C client, long token, PullTarget target) {
        long hold = request.suspends() ? Math.clamp(request.suspendMillis, 0, MAX_SUSPEND_MILLIS) : LIMIT_HOLD_MILLIS;
        long deadline = nowMillis.getAsLong() + hold;
        return isHeldBack(new ParkedPull<>(this, client, token, target, request.queueOffset, deadline));
    }

    /** Whether a pull for which there are messages has to wait: then it does. */
    private boolean isHeldBack(ParkedPull<C> pull) {
        DeliveryLimit limit = pull.target.limit();
        if (limit == null) {
            return false;
        }
        long wait = limit.waitNanos(held.nanoTime(), pull.target.maxMessages());
        if (wait == 0) {
            return false;
        }
        long left = pull.deadlineMillis - nowMillis.getAsLong();
        if (left <= 0 || parked.count() + held.count() >= checks.config().maxParked()) {
            // Not refused: the client asks again, and is held back again.
            nothing(
                    pull.client,
                    pull.token,
                    pull.target,
                    ResponseCode.PULL_NOT_FOUND,
                    Status.RATE_LIMITED,
                    pull.queueOffset);
        } else {
            held.add(pull, limit, Math.min(wait, left * 1_000_000));
        }
        return true;
    }

    /** A pull that was held back has waited long enough, or its time is up. */
    private void turn(ParkedPull<C> pull) {
        if (replies.isOpen(pull.client)) {
            resume(pull);
        }
    }

    // ---- pulls that wait for a message

    /**
     * There are no entries where the pull begins, and will be: the queue's index is damaged and is being made anew from the log, or
     * this is a slave that lags behind its reader.
     */
    private void awaitEntries(PullRequest request, C client, long token, PullTarget target) {
        if (parked.count() < checks.config().maxParked()) {
            long hold = request.suspends() ? Math.max(request.suspendMillis, REBUILD_HOLD_MILLIS) : REBUILD_HOLD_MILLIS;
            long deadline = nowMillis.getAsLong() + Math.min(hold, MAX_SUSPEND_MILLIS);
            park(new ParkedPull<>(this, client, token, target, request.queueOffset, deadline), true);
        } else {
            nothing(
                    client,
                    token,
                    target,
                    ResponseCode.PULL_NOT_FOUND,
                    Status.OFFSET_OVERFLOW_ONE,
                    request.queueOffset);
        }
    }

    private void parkOrAnswer(PullRequest request, C client, long token, PullTarget target, long max) {
        PullConfig config = checks.config();
        if (request.suspends() && parked.count() < config.maxParked()) {
            long suspend = config.longPolling() ? request.suspendMillis : config.shortPollingMillis();
            long deadline = nowMillis.getAsLong() + Math.clamp(suspend, 0, MAX_SUSPEND_MILLIS);
            park(new ParkedPull<>(this, client, token, target, request.queueOffset, deadline), false);
            return;
        }
        Status met = max == 0 ? Status.NO_MESSAGE_IN_QUEUE : Status.OFFSET_OVERFLOW_ONE;
        nothing(client, token, target, ResponseCode.PULL_NOT_FOUND, met, request.queueOffset);
    }

    private void nothing(C client, long token, PullTarget target, ResponseCode code, Status met, long next) {
        replies.nothing(client, token, result.of(target, code, met, next));
        counters.missed();
    }

    /**
     * Answers with the messages from an offset on that the filter takes, up to one that the disk cannot read; if that is the
     * first, with a refusal. If there are no messages among the entries looked at, or none that are what was written, it
     * answers nothing and returns false.
     */
    private boolean found(C client, long token, PullTarget target, long from) {
        DeliveryLimit limit = target.limit();
        int messages = limit == null ? target.maxMessages() : limit.messagesNow(held.nanoTime(), target.maxMessages());
        int bytes = limit == null ? target.maxBytes() : limit.bytesNow(held.nanoTime(), target.maxBytes());
        if (target.filter() instanceof RecordFilter filter && !filter.takesAll()) {
            return foundByRecord(client, token, target, filter, from, messages, bytes);
        }
        return found(client, token, target, from, messages, bytes);
    }

    private boolean found(C client, long token, PullTarget target, long from, int maxMessages, int maxBytes) {
        lookedTo = pick(from, target, maxMessages, maxBytes);
        if (picked.count == 0) {
            return false;
        }
        long sinceNanos = System.nanoTime();
        result.of(target, ResponseCode.SUCCESS, Status.FOUND, lookedTo);
        result.suggestedBroker = slaveReads.brokerFor(target, picked.logOffset[0]);
        ByteWriter out = replies.begin(client, token, result);
        int start = out.length();
        int messages = 0;
        int i = 0;
        try {
            for (; i < picked.count; i++) {
                messages += copy(i, out) ? 1 : 0;
            }
        } catch (DiskException unread) {
            replies.abandon();
            if (i > 0) {
                // The header says where to go on, and is written: once more, up to the record in question.
                return found(client, token, target, from, i, maxBytes);
            }
            refuse(client, token, unread);
            return true;
        }
        int bytes = out.length() - start;
        if (messages == 0) {
            replies.abandon();
            return false;
        }
        replies.end();
        count(target, messages, bytes, sinceNanos);
        return true;
    }

    private void count(PullTarget target, int messages, int bytes, long sinceNanos) {
        target.progress().consumed().add(messages, bytes);
        target.progress().notePulled(target.queue().queueId(), lookedTo);
        counters.found(messages, bytes, System.nanoTime() - sinceNanos);
        DeliveryLimit limit = target.limit();
        if (limit != null) {
            limit.take(held.nanoTime(), messages, bytes);
        }
    }

    /** As {@link #found}, for a filter that has to see the records: they are read first, and those that it takes are kept. */
    private boolean foundByRecord(
            C client, long token, PullTarget target, RecordFilter filter, long from, int maxMessages, int maxBytes) {
        long sinceNanos = System.nanoTime();
        int messages;
        try {
            messages = matching.gather(target, filter, from, maxMessages, maxBytes);
        } catch (DiskException unread) {
            refuse(client, token, unread);
            return true;
        }
        lookedTo = matching.lookedTo();
        if (messages == 0) {
            return false;
        }
        ByteWriter found = matching.bytes();
        result.of(target, ResponseCode.SUCCESS, Status.FOUND, lookedTo);
        result.suggestedBroker = slaveReads.brokerFor(target, matching.firstLogOffset());
        replies.begin(client, token, result).put(found.array(), 0, found.length());
        replies.end();
        count(target, messages, found.length(), sinceNanos);
        return true;
    }

    /** The disk cannot read: the client asks again later, and loses no message. */
    private void refuse(C client, long token, DiskException unread) {
        LOG.warn("pull-unread cause=\"{}\"", unread.getMessage());
        replies.refused(client, token, new PullOutcome.Refused(DiskRefusal.of(unread), Forbidden.NOTHING));
        counters.missed();
    }

    /** Copies the record of an entry that was picked, if it is what was written. */
    private boolean copy(int i, ByteWriter out) {
        int size = picked.size[i];
        out.ensure(size);
        if (records.read(picked, i, out.array(), out.length()) != RecordReader.READ_OK) {
            return false;
        }
        out.advance(size);
        return true;
    }

    /** Picks the entries to answer with; returns the offset behind the last one looked at. */
    private long pick(long from, PullTarget target, int maxMessages, int maxBytes) {
        Filter filter = target.filter();
        if (picked.capacity() < maxMessages) {
            picked = new EntrySlice(maxMessages);
        }
        picked.count = 0;
        boolean all = filter.takesAll();
        picked.filtered = !all;
        int bytes = 0;
        int looked = 0;
        long next = from;
        while (looked < MAX_SCANNED_ENTRIES) {
            int wanted = all ? maxMessages - picked.count : SLICE_ENTRIES;
            int n = target.queue().read(next, Math.min(wanted, SLICE_ENTRIES), scanned);
            if (n == 0) {
                return next;
            }
            for (int i = 0; i < n; i++, next++, looked++) {
                int size = scanned.size[i];
                if (size == 0 || !(all || filter.mayMatch(scanned.tagsCode[i]))) {
                    continue;
                }
                bytes += size;
                if (picked.count > 0 && bytes > maxBytes) {
                    return next;
                }
                picked.add(scanned.logOffset[i], size, scanned.crc[i], scanned.tagsCode[i]);
                if (picked.count == maxMessages) {
                    return next + 1;
                }
            }
        }
        return next;
    }

    /** Lets a pull wait on its queue, or, while the index is being made anew, for the next sweep. */
    private void park(ParkedPull<C> pull, boolean untilRebuilt) {
        long now = nowMillis.getAsLong();
        pull.lookMillis =
                untilRebuilt ? Math.min(pull.deadlineMillis, now + ParkedPulls.SLOT_MILLIS) : pull.deadlineMillis;
        parked.add(pull, now);
        pull.place = untilRebuilt ? null : pull.target.queue().await(pull, pull.queueOffset);
        if (!untilRebuilt && pull.place == null) {
            // Not at once: with messages arriving all the time that its filter does not take, it would never end.
            loop.execute(pull);
        }
        startSweeping();
    }

    private void startSweeping() {
        if (!sweeping) {
            sweeping = true;
            loop.schedule(this::sweep, ParkedPulls.SLOT_MILLIS);
        }
    }

    /** Answers a parked pull whose queue has a message for it; it stays parked if the message's record decides otherwise. */
    void wake(ParkedPull<C> pull) {
        if (!pull.parked) {
            return;
        }
        counters.woken();
        parked.remove(pull);
        resume(pull);
    }

    private void resume(ParkedPull<C> pull) {
        if (checks.checkForbidden(pull.target) instanceof PullOutcome.Refused refused) {
            if (replies.isOpen(pull.client)) {
                replies.refused(pull.client, pull.token, refused);
            }
            return;
        }
        goOn(pull);
    }

    /**
     * Looks for messages from where a pull stands that waited. One that passes over many lets the loop go on with others now
     * and then, and is answered when its time is up.
     */
    private void goOn(ParkedPull<C> pull) {
        if (!replies.isOpen(pull.client)
                || isHeldBack(pull)
                || found(pull.client, pull.token, pull.target, pull.queueOffset)) {
            return;
        }
        boolean atEnd = isNext(pull.target, lookedTo, pull.target.queue().readableOffset());
        boolean stuck = !atEnd && lookedTo == pull.queueOffset;
        pull.queueOffset = lookedTo;
        if (stuck || atEnd) {
            // Stuck: the queue's index is being made anew. The pull is tried again at a sweep and does not spin.
            park(pull, stuck);
        } else if (nowMillis.getAsLong() < pull.deadlineMillis) {
            loop.execute(() -> goOn(pull));
        } else {
            timeIsUp(pull);
        }
    }

    private void sweep() {
        parked.sweep(nowMillis.getAsLong(), this::expire);
        early.expire(nowMillis.getAsLong(), this::refuse);
        sweeping = parked.count() > 0 || !early.isEmpty();
        if (sweeping) {
            loop.schedule(this::sweep, ParkedPulls.SLOT_MILLIS);
        }
    }

    private void expire(ParkedPull<C> pull) {
        Parked place = pull.place;
        if (place == null && nowMillis.getAsLong() < pull.deadlineMillis) {
            wake(pull);
            return;
        }
        if (place != null) {
            if (!pull.target.queue().cancel(place)) {
                // An append has just taken it: a task that wakes it, or looks at it again, is on its way.
                return;
            }
            pull.queueOffset = place.passedTo();
        }
        parked.remove(pull);
        timeIsUp(pull);
    }

    /** Whether a parked pull is to be answered without a message. On any thread. */
    boolean isDue(ParkedPull<C> pull) {
        return stopped || nowMillis.getAsLong() >= pull.lookMillis;
    }

    /** A pull that was due while an append showed its filter a record, and could not be cancelled then. */
    void lookAgain(ParkedPull<C> pull) {
        if (pull.parked && stopped) {
            stop(pull);
        } else if (pull.parked) {
            expire(pull);
        }
    }

    private void timeIsUp(ParkedPull<C> pull) {
        if (replies.isOpen(pull.client)) {
            boolean passedOver = pull.queueOffset > pull.askedOffset;
            nothing(
                    pull.client,
                    pull.token,
                    pull.target,
                    passedOver ? ResponseCode.PULL_RETRY_IMMEDIATELY : ResponseCode.PULL_NOT_FOUND,
                    passedOver ? Status.NO_MATCHED_MESSAGE : Status.OFFSET_OVERFLOW_ONE,
                    pull.queueOffset);
        }
    }

    /**
     * Refuses all pulls that wait, since the broker stops and no more come. Clients before 5.0 do not notice that a connection
     * was closed: without an answer they would wait for it until their own time is up, 30 s, and pull nothing meanwhile.
     */
    void stop() {
        stopped = true;
        parked.forEach(this::stop);
        held.removeAll(pull -> refuseAtStop(pull.client, pull.token));
        early.expire(Long.MAX_VALUE, pull -> refuseAtStop(pull.client(), pull.token()));
    }

    private void stop(ParkedPull<C> pull) {
        Parked place = pull.place;
        // Otherwise an append has just taken it: a task that wakes it, or looks at it again, is on its way.
        if (place == null || pull.target.queue().cancel(place)) {
            parked.remove(pull);
            refuseAtStop(pull.client, pull.token);
        }
    }

    private void refuseAtStop(C client, long token) {
        if (replies.isOpen(client)) {
            replies.refused(client, token, STOPPING);
        }
    }
}
