package org.merlinmq.broker.pull;

import java.util.function.LongSupplier;
import org.merlinmq.broker.dispatch.LoopHandler;
import org.merlinmq.broker.dispatch.LoopReplies;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.frame.ReplyWriter;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Parked;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.Loop;

/**
 * Hands messages out: finds the entries that follow an offset, and copies their records as they lie in the log straight
 * into the connection's output. A pull that finds nothing waits on its queue; the append that fills the queue completes
 * it.
 *
 * <p>Threading: one per event loop; every method on that loop.
 *
 * <p>Source: requests 11 and 361; which answer an offset gets is the decision table of RocketMQ 5.
 */
public final class PullHandler implements LoopHandler {
    /** Entries looked at for one answer when a filter takes few of them. */
    private static final int MAX_SCANNED_ENTRIES = 800;

    private static final int SLICE_ENTRIES = 64;
    private static final long MAX_SUSPEND_MILLIS = 100_000;

    private static final byte[] SUGGEST_BROKER = Bytes.ascii("suggestWhichBrokerId");
    private static final byte[] NEXT_BEGIN_OFFSET = Bytes.ascii("nextBeginOffset");
    private static final byte[] MIN_OFFSET = Bytes.ascii("minOffset");
    private static final byte[] MAX_OFFSET = Bytes.ascii("maxOffset");
    private static final byte[] TOPIC_SYS_FLAG = Bytes.ascii("topicSysFlag");
    private static final byte[] GROUP_SYS_FLAG = Bytes.ascii("groupSysFlag");
    private static final byte[] FORBIDDEN_TYPE = Bytes.ascii("forbiddenType");

    private final PullChecks checks;
    private final Storage storage;
    private final Loop loop;
    private final LoopReplies replies;
    private final PullCounters counters;
    private final ThroughputStats throughput;
    private final LongSupplier nowMillis;
    private final PullFields fields = new PullFields();
    private final EntrySlice scanned = new EntrySlice(SLICE_ENTRIES);
    private EntrySlice picked = new EntrySlice(SLICE_ENTRIES);
    private final ParkedPulls parked;
    private boolean sweeping;

    /**
     * Makes the handler of one loop.
     *
     * @param checks who may pull what
     * @param storage where the messages are
     * @param loop the loop
     * @param replies how this loop answers
     * @param counters what this loop counts
     * @param throughput counts for all loops
     * @param nowMillis the clock that parked pulls are timed by
     */
    public PullHandler(
            PullChecks checks,
            Storage storage,
            Loop loop,
            LoopReplies replies,
            PullCounters counters,
            ThroughputStats throughput,
            LongSupplier nowMillis) {
        this.checks = checks;
        this.storage = storage;
        this.loop = loop;
        this.replies = replies;
        this.counters = counters;
        this.parked = new ParkedPulls(counters);
        this.throughput = throughput;
        this.nowMillis = nowMillis;
    }

    @Override
    public void frame(Connection connection, FrameScan frame) {
        fields.read(frame);
        PullOutcome outcome = checks.resolve(frame, fields);
        switch (outcome) {
            case PullOutcome.Refused refused -> {
                if (!frame.isOneway()) {
                    refuse(connection, frame.form(), frame.requestId(), refused);
                }
            }
            case PullOutcome.Ready ready -> pull(connection, frame, ready.target());
        }
    }

    private void refuse(Connection connection, HeaderForm form, int requestId, PullOutcome.Refused refused) {
        ReplyWriter writer = replies.writer();
        writer.begin(connection.out(), form, refused.refusal().code().number(), requestId);
        writer.remark(refused.refusal().sentence());
        if (refused.forbidden() != Forbidden.NOTHING) {
            writer.field(FORBIDDEN_TYPE, refused.forbidden().number());
        }
        writer.endHeader();
        writer.end();
        connection.touch();
    }

    private void pull(Connection connection, FrameScan frame, PullTarget target) {
        ConsumeProgress group = target.progress();
        if (fields.commits()) {
            group.commit(fields.queueId, fields.commitOffset);
        }
        if (frame.isOneway()) {
            return;
        }
        HeaderForm form = frame.form();
        int requestId = frame.requestId();
        long resetTo = group.takeReset(fields.queueId);
        if (resetTo != ConsumeProgress.NONE) {
            nothing(connection, form, requestId, ResponseCode.PULL_OFFSET_MOVED, "OFFSET_RESET", resetTo, target);
            return;
        }
        long offset = fields.queueOffset;
        long max = target.queue().maxOffset();
        long min = target.queue().minOffset();
        if (offset >= min && offset < max) {
            long next = pick(offset, target);
            if (picked.count > 0 && found(connection, form, requestId, target, next)) {
                return;
            }
            if (next == offset) {
                parkOrAnswer(connection, frame, target, offset, max);
                return;
            }
            nothing(
                    connection,
                    form,
                    requestId,
                    ResponseCode.PULL_RETRY_IMMEDIATELY,
                    "NO_MATCHED_MESSAGE",
                    next,
                    target);
        } else if (offset == max && (max > 0 || offset == 0)) {
            parkOrAnswer(connection, frame, target, offset, max);
        } else if (offset < min) {
            nothing(connection, form, requestId, ResponseCode.PULL_OFFSET_MOVED, "OFFSET_TOO_SMALL", min, target);
        } else {
            String why = max == 0 ? "NO_MESSAGE_IN_QUEUE" : "OFFSET_OVERFLOW_BADLY";
            nothing(connection, form, requestId, ResponseCode.PULL_OFFSET_MOVED, why, max, target);
        }
    }

    /** Picks the entries to answer with; returns the offset behind the last one looked at. */
    private long pick(long from, PullTarget target) {
        TagFilter filter = target.filter();
        int maxMessages = target.maxMessages();
        int maxBytes = target.maxBytes();
        picked.count = 0;
        boolean all = filter.takesAll();
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
                if (size == 0 || !(all || filter.matches(scanned.tagsCode[i]))) {
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

    /** Answers with the picked records; false, and nothing answered, if none of them could be read. */
    private boolean found(Connection connection, HeaderForm form, int requestId, PullTarget target, long next) {
        long sinceNanos = System.nanoTime();
        ByteWriter out = connection.out();
        int start = out.length();
        header(out, form, requestId, ResponseCode.SUCCESS, "FOUND", next, target);
        int messages = 0;
        int bytes = 0;
        for (int i = 0; i < picked.count; i++) {
            int size = picked.size[i];
            out.ensure(size);
            int outcome = storage.read(picked.logOffset[i], size, out.array(), out.length(), picked.crc[i]);
            if (outcome == Storage.READ_OK) {
                out.advance(size);
                messages++;
                bytes += size;
            }
        }
        if (messages == 0) {
            replies.writer().abandon();
            out.truncate(start);
            return false;
        }
        replies.writer().end();
        connection.touch();
        target.progress().consumed().add(messages, bytes);
        throughput.consumed().add(messages, bytes);
        target.progress().notePulled(target.queue().queueId(), next);
        counters.found(messages, bytes, System.nanoTime() - sinceNanos);
        return true;
    }

    private void nothing(
            Connection connection,
            HeaderForm form,
            int requestId,
            ResponseCode code,
            String status,
            long next,
            PullTarget target) {
        header(connection.out(), form, requestId, code, status, next, target);
        replies.writer().end();
        connection.touch();
        counters.missed();
    }

    private void header(
            ByteWriter out,
            HeaderForm form,
            int requestId,
            ResponseCode code,
            String status,
            long next,
            PullTarget target) {
        ReplyWriter writer = replies.writer();
        writer.begin(out, form, code.number(), requestId);
        writer.remark(status);
        writer.field(SUGGEST_BROKER, 0);
        writer.field(NEXT_BEGIN_OFFSET, next);
        writer.field(MIN_OFFSET, target.queue().minOffset());
        writer.field(MAX_OFFSET, target.queue().maxOffset());
        writer.field(TOPIC_SYS_FLAG, target.topicSysFlag());
        writer.field(GROUP_SYS_FLAG, target.groupSysFlag());
        writer.endHeader();
    }

    private void parkOrAnswer(Connection connection, FrameScan frame, PullTarget target, long offset, long max) {
        if (fields.suspends() && parked.count() < checks.config().maxParked()) {
            long suspend = checks.config().longPolling()
                    ? fields.suspendMillis
                    : checks.config().shortPollingMillis();
            long deadline = nowMillis.getAsLong() + Math.clamp(suspend, 0, MAX_SUSPEND_MILLIS);
            park(new ParkedPull(this, connection, frame.form(), frame.requestId(), target, offset, deadline), false);
            return;
        }
        String why = max == 0 ? "NO_MESSAGE_IN_QUEUE" : "OFFSET_OVERFLOW_ONE";
        nothing(connection, frame.form(), frame.requestId(), ResponseCode.PULL_NOT_FOUND, why, offset, target);
    }

    private void park(ParkedPull pull, boolean untilDeadline) {
        parked.add(pull, nowMillis.getAsLong());
        pull.place = untilDeadline ? null : pull.target.queue().await(pull, pull.queueOffset);
        if (!untilDeadline && pull.place == null) {
            wake(pull);
        } else if (!sweeping) {
            sweeping = true;
            loop.schedule(this::sweep, ParkedPulls.SLOT_MILLIS);
        }
    }

    /** Answers a parked pull whose queue has got messages; it stays parked if its filter takes none of them. */
    void wake(ParkedPull pull) {
        if (!pull.parked) {
            return;
        }
        parked.remove(pull);
        if (checks.checkForbidden(pull.target) instanceof PullOutcome.Refused refused) {
            if (pull.connection.isOpen()) {
                refuse(pull.connection, pull.form, pull.requestId, refused);
            }
            return;
        }
        while (pull.connection.isOpen()) {
            long next = pick(pull.queueOffset, pull.target);
            if (picked.count > 0 && found(pull.connection, pull.form, pull.requestId, pull.target, next)) {
                return;
            }
            boolean stuck = next == pull.queueOffset;
            pull.queueOffset = next;
            if (stuck || next == pull.target.queue().maxOffset()) {
                // Stuck: the queue's index is being rebuilt. The pull waits for its time and does not spin.
                park(pull, stuck);
                return;
            }
        }
    }

    private void sweep() {
        parked.sweep(nowMillis.getAsLong(), this::expire);
        sweeping = parked.count() > 0;
        if (sweeping) {
            loop.schedule(this::sweep, ParkedPulls.SLOT_MILLIS);
        }
    }

    private void expire(ParkedPull pull) {
        Parked place = pull.place;
        if (place != null) {
            pull.target.queue().cancel(place);
        }
        parked.remove(pull);
        if (pull.connection.isOpen()) {
            boolean passedOver = pull.queueOffset > pull.askedOffset;
            nothing(
                    pull.connection,
                    pull.form,
                    pull.requestId,
                    passedOver ? ResponseCode.PULL_RETRY_IMMEDIATELY : ResponseCode.PULL_NOT_FOUND,
                    passedOver ? "NO_MATCHED_MESSAGE" : "OFFSET_OVERFLOW_ONE",
                    pull.queueOffset,
                    pull.target);
        }
    }
}
