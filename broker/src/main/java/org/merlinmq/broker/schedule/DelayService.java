package org.merlinmq.broker.schedule;

import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.group.Topics;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.SpaceRule;
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
    private static final String HALF_TOPIC = "RMQ_SYS_TRANS_HALF_TOPIC";

    private final Storage storage;
    private final Topics topics;
    private final Deadlines deadlines;
    private final LongSupplier nowMillis;
    private final Deadlines.Entry next;
    private final RecordCopy copy = new RecordCopy();
    private final RecordView record = new RecordView();
    private final AppendBatch batch;

    // What the batch in flight delivers. Owned by the timer thread, by the append while inFlight.
    private final long[] dueMillis = new long[MAX_MESSAGES];
    private final long[] logOffset = new long[MAX_MESSAGES];
    private int drained;
    private volatile boolean inFlight;

    /** Nothing is taken before: what the disk refuses would pile up in memory, however much is due. */
    private volatile long resumeMillis;

    private volatile boolean closed;
    private volatile long delivered;

    /**
     * A service that is not started.
     *
     * @param storage holds the delayed messages and takes the copies
     * @param topics the topics that exist
     * @param deadlines calls when something is due
     * @param nowMillis the wall clock
     */
    public DelayService(Storage storage, Topics topics, Deadlines deadlines, LongSupplier nowMillis) {
        this.storage = storage;
        this.topics = topics;
        this.deadlines = deadlines;
        this.nowMillis = nowMillis;
        this.next = deadlines.entry(this::deliver);
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

    /** How many messages were delivered since the start. */
    public long delivered() {
        return delivered;
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
        int staged = 0;
        boolean refused = false;
        for (int i = 0; i < drained; i++) {
            if (batch.bytes().length() > MAX_BYTES) {
                // What did not fit is handed back and comes again at once.
                storage.timers().retry(dueMillis[i], logOffset[i], nowMillis.getAsLong());
                continue;
            }
            switch (tryStage(logOffset[i])) {
                case STAGED -> {
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
        if (staged == 0) {
            if (refused) {
                resumeMillis = nowMillis.getAsLong() + RETRY_MILLIS;
            }
            wake();
            return;
        }
        inFlight = true;
        batch.ackLevel(AckLevel.WRITTEN);
        storage.append(batch);
    }

    /** What became of a message that is due. */
    private enum Staging {
        STAGED,
        /** It cannot be delivered, ever. */
        GONE,
        /** The disk does not take the queue it goes to. */
        NOT_NOW
    }

    private Staging tryStage(long offset) {
        try {
            return stage(offset) ? Staging.STAGED : Staging.GONE;
        } catch (DiskException e) {
            LOG.warn("delayed-message-refused logOffset={} cause=\"{}\"", offset, e.getMessage());
            return Staging.NOT_NOW;
        }
    }

    private boolean stage(long offset) {
        byte[] bytes = storage.readRecord(offset);
        if (bytes == null || !record.on(bytes, 0, bytes.length)) {
            LOG.warn("delayed-message-lost logOffset={} cause=\"no record there: removed or damaged\"", offset);
            return false;
        }
        Map<String, String> properties = record.properties();
        String topic = properties.get(PropertyName.REAL_TOPIC);
        int queueId = queueId(properties.get(PropertyName.REAL_QID));
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
                name, storage.queue(topic, queueId % queues), fitting(name, properties), record.reconsumeTimes());
        copy.stage(batch, record, home.settles(offset));
        return true;
    }

    /**
     * The properties as they were. Where a long name in the place of the schedule's would make the largest record larger, they
     * are without {@code REAL_TOPIC}, which is longer than the two names differ.
     */
    private byte[] fitting(byte[] topic, Map<String, String> properties) {
        byte[] unchanged = CarriedRecord.properties(record);
        int more = topic.length - record.topicBytes() + unchanged.length - record.propertiesBytes();
        if (record.totalBytes() + more < storage.maxRecordBytes()) {
            return unchanged;
        }
        properties.remove(PropertyName.REAL_TOPIC);
        return Bytes.utf8(MessageProperties.write(properties));
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
        } else {
            count(drained);
        }
        batch.clear();
        inFlight = false;
        wake();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one append at a time
    private void count(int messages) {
        delivered += messages;
    }
}
