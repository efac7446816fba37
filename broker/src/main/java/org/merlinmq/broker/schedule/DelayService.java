package org.merlinmq.broker.schedule;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.LatencyBuckets;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.SpaceRule;
import org.merlinmq.storage.timer.TimerIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers delayed messages when they are due: a copy of each is appended to its own queue, many to one append.
 *
 * <p>A copy names the delayed record in its preparedTransactionOffset. By that the timer index knows, also after a
 * crash, what was delivered: a message is delivered late rather than not at all, and once.
 *
 * <p>Threading: on the timer thread, one append at a time; woken by the timer index when an earlier message comes.
 * <p>Units: due times to the millisecond.
 */
public final class DelayService {
    private static final Logger LOG = LoggerFactory.getLogger(DelayService.class);

    private static final int MAX_MESSAGES = 512;
    private static final int MAX_BYTES = 1 << 20;
    private static final long RETRY_MILLIS = 1_000;
    /** Who cancels what an application's own message names. */
    private static final String MESSAGE = "message";

    /** Names, values and ends of two times. */
    private static final int TIMES_BYTES = 80;

    private static final String HALF_TOPIC = "RMQ_SYS_TRANS_HALF_TOPIC";

    private final Storage storage;
    private final Topics topics;
    private final Deadlines deadlines;
    private final LongSupplier nowMillis;
    private final Deadlines.Entry next;
    private final RecordCopy copy = new RecordCopy();
    private final RecordView record = new RecordView();
    private final CancelRecord cancelRecord;
    private final DelayedMessages messages;
    private final LatencyBuckets lateness = new LatencyBuckets();
    private final AppendBatch batch;

    // What the batch in flight delivers. Owned by the timer thread, by the append while inFlight.
    private final long[] dueMillis = new long[MAX_MESSAGES];
    private final long[] logOffset = new long[MAX_MESSAGES];
    private final boolean[] cancels = new boolean[MAX_MESSAGES];
    private int drained;

    /** Messages that the batch cancels although they were not due: claimed, not handed out. */
    private final List<Claimed> claimed = new ArrayList<>();

    /** Of those handed out now: cancelled by one that was handed out before. */
    private final Set<Long> toCancel = new HashSet<>();

    private volatile boolean inFlight;

    private record Claimed(long dueMillis, long logOffset) {}

    /** Nothing is taken before: what the disk refuses would pile up in memory, however much is due. */
    private volatile long resumeMillis;

    private volatile boolean closed;
    private volatile long delivered;

    /**
     * A service that is not started.
     *
     * @param storage holds the delayed messages and takes the copies
     * @param topics the topics that exist
     * @param levels the delay levels
     * @param deadlines calls when something is due
     * @param nowMillis the wall clock
     */
    public DelayService(
            Storage storage, Topics topics, DelayLevels levels, Deadlines deadlines, LongSupplier nowMillis) {
        this.storage = storage;
        this.topics = topics;
        this.deadlines = deadlines;
        this.nowMillis = nowMillis;
        this.next = deadlines.entry(this::deliver);
        this.cancelRecord = new CancelRecord(storage);
        this.messages = new DelayedMessages(storage, levels, nowMillis);
        this.batch = storage.newBatch(done -> appended());
        // A disk full of delayed messages alone is emptied by nothing else than their delivery.
        batch.spaceRule(storage.deletesByForce() ? SpaceRule.MAKES_ROOM : SpaceRule.MESSAGE);
    }

    /** Begins to deliver, also what became due while the broker was down. */
    public void start() {
        storage.timers().onEarlier(this::wake);
        wake();
    }

    /** Ends delivery; an append in flight is still completed by the log. */
    public void close() {
        closed = true;
        deadlines.disarm(next);
    }

    /** How many messages wait for their time. */
    public long pending() {
        return storage.timers().count();
    }

    /** How many messages were delivered since the start. */
    public long delivered() {
        return delivered;
    }

    /** How long after their time messages became visible to consumers; exact to the millisecond. */
    public LatencyBuckets lateness() {
        return lateness;
    }

    private void wake() {
        long due = storage.timers().nextDueMillis();
        if (due != Long.MAX_VALUE && !closed) {
            deadlines.armNoLater(next, Math.max(due, resumeMillis));
        }
    }

    private void deliver() {
        if (inFlight || closed) {
            return;
        }
        if (nowMillis.getAsLong() < resumeMillis) {
            wake();
            return;
        }
        drained = 0;
        storage.timers().drainDue(nowMillis.getAsLong(), (due, offset) -> {
            dueMillis[drained] = due;
            logOffset[drained] = offset;
            return ++drained < MAX_MESSAGES;
        });
        stageDrained();
        if (batch.count() == 0) {
            wake();
            return;
        }
        inFlight = true;
        batch.ackLevel(AckLevel.WRITTEN);
        storage.append(batch);
    }

    /** Stages what was handed out; what stays in the arrays is in the batch. */
    private void stageDrained() {
        int staged = 0;
        boolean refused = false;
        toCancel.clear();
        for (int i = 0; i < drained; i++) {
            boolean cancelled = !toCancel.isEmpty() && toCancel.contains(logOffset[i]);
            if (!cancelled && batch.bytes().length() > MAX_BYTES) {
                // What did not fit is handed back and comes again at once.
                storage.timers().retry(dueMillis[i], logOffset[i], nowMillis.getAsLong());
                continue;
            }
            Staging staging = tryStage(i, cancelled);
            switch (staging) {
                case DELIVERED, CANCELLED -> {
                    cancels[staged] = staging == Staging.CANCELLED;
                    dueMillis[staged] = dueMillis[i];
                    logOffset[staged++] = logOffset[i];
                }
                case GONE -> storage.timers().drop(logOffset[i]);
                case NOT_NOW -> {
                    storage.timers().retry(dueMillis[i], logOffset[i], nowMillis.getAsLong() + RETRY_MILLIS);
                    refused = true;
                }
            }
        }
        drained = staged;
        if (staged == 0 && refused) {
            resumeMillis = nowMillis.getAsLong() + RETRY_MILLIS;
        }
    }

    /** What became of a message that is due. */
    private enum Staging {
        DELIVERED,
        /** A record was staged that settles it, and no message. */
        CANCELLED,
        /** It cannot be delivered, ever. */
        GONE,
        /** The disk does not take the queue it goes to, or an index that is needed is being made again. */
        NOT_NOW
    }

    private Staging tryStage(int i, boolean cancelled) {
        long offset = logOffset[i];
        int entries = batch.count();
        int length = batch.bytes().length();
        try {
            byte[] bytes = storage.readRecord(offset);
            if (bytes == null || !record.on(bytes, 0, bytes.length)) {
                LOG.warn("delayed-message-lost logOffset={} cause=\"no record there: removed or damaged\"", offset);
                return Staging.GONE;
            }
            boolean asks =
                    CarriedRecord.isOf(record, ScheduleTopics.TIMERS_BYTES) && DelayedRecords.asksToCancel(record);
            if (asks && !cancelled) {
                cancelNamed(i);
            }
            if (asks || cancelled) {
                cancelRecord.stage(batch, record, dueMillis[i], MESSAGE, nowMillis.getAsLong());
                return Staging.CANCELLED;
            }
            return stage(offset) ? Staging.DELIVERED : Staging.GONE;
        } catch (DiskException e) {
            LOG.warn("delayed-message-refused logOffset={} cause=\"{}\"", offset, e.getMessage());
            batch.truncate(entries, length);
            return Staging.NOT_NOW;
        }
    }

    /**
     * Cancels the message that the record names which was handed out: one that waits, or that was handed out with it. An
     * application of RocketMQ asks so: by a message of the same topic and time with the unique key in {@code
     * TIMER_DEL_UNIQKEY}, after the topic and a plus sign or alone.
     */
    private void cancelNamed(int i) {
        Map<String, String> properties = record.properties();
        String topic = properties.getOrDefault(PropertyName.REAL_TOPIC, "");
        String named = properties.getOrDefault(PropertyName.TIMER_DEL_UNIQKEY, "");
        String key = named.startsWith(topic + "+") ? named.substring(topic.length() + 1) : named;
        for (RecordView target : messages.byUniqueKey(topic, key)) {
            long due = messages.dueMillis(target);
            if (isHandedOut(i + 1, target.logOffset())) {
                toCancel.add(target.logOffset());
            } else if (storage.timers().claimPending(due, target.logOffset()) == TimerIndex.Claim.CLAIMED) {
                claimed.add(new Claimed(due, target.logOffset()));
                cancelRecord.stage(batch, target, due, MESSAGE, nowMillis.getAsLong());
            }
        }
    }

    private boolean isHandedOut(int from, long offset) {
        for (int j = from; j < drained; j++) {
            if (logOffset[j] == offset) {
                return true;
            }
        }
        return false;
    }

    private boolean stage(long offset) {
        String topic = property(ScheduleTopics.REAL_TOPIC);
        int queueId = queueId(property(ScheduleTopics.REAL_QID));
        Topics.Shape shape = topic == null || topic.equals(HALF_TOPIC) ? null : topics.find(topic);
        if (topic == null || shape == null || queueId < 0) {
            LOG.warn(
                    "delayed-message-dropped logOffset={} topic={} queueId={} cause=\"no such topic\"",
                    offset,
                    topic,
                    queueId);
            return false;
        }
        // A topic may have lost queues since.
        int queues = Math.max(1, shape.queueCount());
        byte[] name = Bytes.utf8(topic);
        RecordCopy.Target home = new RecordCopy.Target(
                name, storage.queue(topic, queueId % queues), fitting(name), record.reconsumeTimes());
        copy.stage(batch, record, home.settles(offset));
        return true;
    }

    /**
     * The properties as they were. Those of a message with a time of its own get, as with RocketMQ, when it began to wait and
     * when it was delivered. Where a long name in the place of the schedule's would make the largest record larger, they are
     * without that, or even without {@code REAL_TOPIC}, which is longer than the two names differ.
     */
    private byte[] fitting(byte[] topic) {
        byte[] unchanged = CarriedRecord.properties(record);
        if (!CarriedRecord.isOfLevel(record)) {
            byte[] timed = withTimes(unchanged);
            if (fits(topic, timed)) {
                return timed;
            }
        }
        if (fits(topic, unchanged)) {
            return unchanged;
        }
        Map<String, String> properties = record.properties();
        properties.remove(PropertyName.REAL_TOPIC);
        return Bytes.utf8(MessageProperties.write(properties));
    }

    private boolean fits(byte[] topic, byte[] properties) {
        int more = topic.length - record.topicBytes() + properties.length - record.propertiesBytes();
        return properties.length <= RecordLayout.MAX_PROPERTIES_BYTES
                && record.totalBytes() + more < storage.maxRecordBytes();
    }

    private byte[] withTimes(byte[] properties) {
        ByteWriter out = new ByteWriter(properties.length + TIMES_BYTES);
        out.put(properties);
        if (PropertyBytes.lacksEnd(properties, 0, properties.length)) {
            out.putByte(ScheduleTopics.VALUE_END);
        }
        out.put(ScheduleTopics.TIMER_ENQUEUE_MS).putByte(ScheduleTopics.NAME_END);
        out.putDecimal(record.storeMillis()).putByte(ScheduleTopics.VALUE_END);
        out.put(ScheduleTopics.TIMER_DEQUEUE_MS).putByte(ScheduleTopics.NAME_END);
        out.putDecimal(nowMillis.getAsLong()).putByte(ScheduleTopics.VALUE_END);
        return out.toByteArray();
    }

    private @Nullable String property(byte[] name) {
        byte[] b = record.bytes();
        int at = record.propertiesAt();
        int value = PropertyBytes.find(b, at, record.propertiesBytes(), name);
        return value < 0
                ? null
                : Bytes.text(b, value, PropertyBytes.valueBytes(b, value, at + record.propertiesBytes()));
    }

    private static int queueId(@Nullable String text) {
        if (text == null || !text.matches("[0-9]{1,9}")) {
            return -1;
        }
        return Integer.parseInt(text);
    }

    /** The append is over, on whatever thread ended it. */
    private void appended() {
        if (batch.status() == AppendStatus.REFUSED) {
            LOG.warn("delayed-messages-refused count={} cause=\"{}\"", drained, batch.reason());
            long again = nowMillis.getAsLong() + RETRY_MILLIS;
            resumeMillis = again;
            for (int i = 0; i < drained; i++) {
                storage.timers().retry(dueMillis[i], logOffset[i], again);
            }
            claimed.forEach(each -> storage.timers().release(each.dueMillis(), each.logOffset()));
        } else {
            count();
        }
        claimed.clear();
        batch.clear();
        inFlight = false;
        wake();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one append at a time
    private void count() {
        long now = nowMillis.getAsLong();
        int messagesDelivered = 0;
        for (int i = 0; i < drained; i++) {
            if (!cancels[i]) {
                messagesDelivered++;
                lateness.add(Math.max(0, now - dueMillis[i]) * 1_000_000, 1);
            }
        }
        delivered += messagesDelivered;
    }
}
