package org.merlinmq.broker.transaction;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.schedule.ScheduleTopics;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.storage.HalfCopier;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.facts.KeyHash;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.transaction.OpenHalf;
import org.merlinmq.storage.transaction.TransactionIndex;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Encodes the records that end a transaction or keep it open, as RocketMQ writes them.
 *
 * <p>A committed message is the half message in its own topic and queue, with the properties string as it is, the state
 * "committed" in {@code sysFlag}, and the half message's log offset in {@code preparedTransactionOffset}: it delivers the
 * message and closes the transaction at once. One more record lists the half messages that were decided, by their queue
 * offsets: it is what closes those that were rolled back.
 *
 * <p>Threading: one owner at a time.
 *
 * <p>Format: docs/formats/transactions.md. Source: RocketMQ's half, final and op messages.
 */
final class TransactionRecords implements HalfCopier {
    private static final byte[] HALF_TOPIC = Bytes.ascii(RecordFacts.HALF_TOPIC_NAME);
    private static final byte[] DECIDED_TOPIC = Bytes.ascii(RecordFacts.DECIDED_TOPIC_NAME);
    private static final byte[] GIVEN_UP_TOPIC = Bytes.ascii(RecordFacts.GIVEN_UP_TOPIC_NAME);
    private static final byte[] CHECKED_TOPIC = Bytes.ascii(RecordFacts.CHECKED_TOPIC_NAME);
    private static final byte[] TIMERS = Bytes.ascii(ScheduleTopics.TIMERS);
    private static final byte[] DECIDED_PROPERTIES = "TAGS\u0001d\u0002".getBytes(StandardCharsets.US_ASCII);

    private final Storage storage;
    private final TopicTable topics;
    private final BrokerIdentity identity;
    private final RecordRule rule;
    private final LongSupplier nowMillis;
    private final RecordWriter writer = new RecordWriter();
    private final RecordView view = new RecordView();
    private final RecordFacts facts = new RecordFacts();
    private final ByteWriter body = new ByteWriter();

    /**
     * Encodes for a store.
     *
     * @param storage the store
     * @param topics the topics that exist
     * @param identity stands in records of the broker's own
     * @param rule says of a half message when it is checked
     * @param nowMillis the wall clock, from which delays count
     */
    TransactionRecords(
            Storage storage, TopicTable topics, BrokerIdentity identity, RecordRule rule, LongSupplier nowMillis) {
        this.storage = storage;
        this.topics = topics;
        this.identity = identity;
        this.rule = rule;
        this.nowMillis = nowMillis;
    }

    /**
     * Stages the message that a half message becomes when it is committed.
     *
     * @param batch takes the record
     * @param half the half message's record
     * @param scan of it
     * @return why it cannot be delivered; null if it is in the batch
     */
    @Nullable Refusal commit(AppendBatch batch, RecordView half, HalfScan scan) {
        ByteSlice name = scan.topic;
        long queueId = scan.queueId();
        Topic topic = topics.find(name.array(), name.at(), name.length());
        if (topic == null || queueId < 0) {
            return new Refusal(
                    ResponseCode.TOPIC_NOT_EXIST,
                    "the half message at log offset " + half.logOffset() + " cannot be delivered: there is no topic "
                            + name.text() + "; create it, or roll back");
        }
        Queue queue;
        try {
            // A topic may have lost queues since.
            queue = topic.queue((int) (queueId % Math.max(1, topic.queueLimit())));
        } catch (DiskException e) {
            return new Refusal(ResponseCode.SERVICE_NOT_AVAILABLE, String.valueOf(e.getMessage()));
        }
        like(half)
                .sysFlag((half.sysFlag() & ~SysFlag.TRANSACTION) | SysFlag.COMMIT)
                .preparedOffset(RecordLayout.naming(half.logOffset()));
        long delayMillis = scan.delayAfterCommit();
        if (delayMillis > 0) {
            commitDelayed(batch, half, nowMillis.getAsLong() + delayMillis);
            return null;
        }
        writer.queueId(queue.queueId());
        int recordAt = begin(batch, half, topic.nameBytes());
        int propertiesAt = batch.bytes().length();
        batch.bytes().put(half.bytes(), half.propertiesAt(), half.propertiesBytes());
        int recordBytes = writer.end(batch.bytes());
        view.on(batch.bytes().array(), recordAt, recordBytes);
        facts.begin(view.bytes(), recordAt, KeyHash.topic(view.bytes(), view.topicAt(), view.topicBytes()));
        scan.describe(facts, propertiesAt - half.propertiesAt());
        batch.add(queue, recordAt, recordBytes, facts.refine(view, rule));
        return null;
    }

    /** In the schedule's topic, as a message with a delay of its own is stored. */
    private void commitDelayed(AppendBatch batch, RecordView half, long dueMillis) {
        writer.queueId(0);
        int recordAt = begin(batch, half, TIMERS);
        HalfProperties.writeDue(half.bytes(), half.propertiesAt(), half.propertiesBytes(), dueMillis, batch.bytes());
        int recordBytes = writer.end(batch.bytes());
        view.on(batch.bytes().array(), recordAt, recordBytes);
        facts.read(view, rule).due(dueMillis);
        batch.add(storage.queue(ScheduleTopics.TIMERS, 0), recordAt, recordBytes, facts);
    }

    /**
     * Stages the list of the half messages that were decided.
     *
     * @param batch takes the record
     * @param halves the half messages, at least one
     */
    void decided(AppendBatch batch, List<OpenHalf> halves) {
        body.clear();
        for (OpenHalf half : halves) {
            body.putDecimal(half.queueOffset()).putByte(',');
        }
        own(batch, DECIDED_TOPIC, DECIDED_PROPERTIES);
    }

    /**
     * Stages the count of checks.
     *
     * @param batch takes the record
     * @param halves the half messages that were checked once more than they say, at least one
     */
    void checked(AppendBatch batch, List<OpenHalf> halves) {
        body.clear();
        TransactionIndex.writeChecked(body, halves);
        own(batch, CHECKED_TOPIC, new byte[0]);
    }

    private void own(AppendBatch batch, byte[] topic, byte[] properties) {
        byte[] host = identity.host().getAddress();
        Queue queue = storage.queue(Bytes.text(topic, 0, topic.length), 0);
        writer.queueId(0)
                .flag(0)
                .sysFlag(0)
                .bornMillis(0)
                .bornHost(host, identity.port())
                .storeHost(host, identity.port())
                .reconsumeTimes(0)
                .preparedOffset(0);
        int recordAt = writer.begin(batch.bytes(), body.array(), 0, body.length(), topic, 0, topic.length);
        batch.bytes().put(properties);
        end(batch, recordAt, queue);
    }

    /**
     * Stages a half message that is given up: it goes to the topic of those that nobody decided.
     *
     * @param batch takes the record
     * @param half the half message's record
     * @param known what is known of it
     */
    void giveUp(AppendBatch batch, RecordView half, OpenHalf known) {
        stageCopy(batch, half, known, known.checks(), RecordLayout.naming(half.logOffset()), GIVEN_UP_TOPIC);
    }

    /**
     * Stages a half message that was given up as one that is open again.
     *
     * @param batch takes the record
     * @param givenUp the record in the topic of those that nobody decided
     * @param known the name of the transaction
     */
    void resume(AppendBatch batch, RecordView givenUp, OpenHalf known) {
        stageCopy(batch, givenUp, known, 0, 0, HALF_TOPIC);
    }

    @Override
    public boolean copy(RecordView record, OpenHalf half, AppendBatch to) {
        stageCopy(to, record, half, half.checks(), RecordLayout.naming(record.logOffset()), HALF_TOPIC);
        return true;
    }

    private void stageCopy(
            AppendBatch batch, RecordView half, OpenHalf known, int checks, long prepared, byte[] topic) {
        like(half).queueId(0).sysFlag(half.sysFlag() & ~SysFlag.TRANSACTION).preparedOffset(prepared);
        int recordAt = begin(batch, half, topic);
        HalfProperties.writeCopy(
                half.bytes(),
                half.propertiesAt(),
                half.propertiesBytes(),
                known.firstLogOffset(),
                known.firstQueueOffset(),
                checks,
                batch.bytes());
        end(batch, recordAt, storage.queue(Bytes.text(topic, 0, topic.length), 0));
    }

    /**
     * The record of a half message as the body of request 39: in its own topic and queue, under the transaction's name, and
     * with the number of this check among its properties.
     *
     * @param half the half message's record
     * @param known what is known of it
     * @return the record
     */
    byte[] asked(RecordView half, OpenHalf known) {
        byte[] b = half.bytes();
        int at = half.propertiesAt();
        int n = half.propertiesBytes();
        int name = PropertyBytes.find(b, at, n, HalfProperties.REAL_TOPIC);
        int nameBytes = name < 0 ? 0 : PropertyBytes.valueBytes(b, name, at + n);
        long queueId = Math.max(0, HalfProperties.number(b, at, n, HalfProperties.REAL_QID));
        ByteWriter out = new ByteWriter(half.totalBytes() + 64);
        like(half).queueId((int) queueId).sysFlag(half.sysFlag()).preparedOffset(0);
        writer.begin(out, b, half.bodyAt(), half.bodyBytes(), b, Math.max(0, name), nameBytes);
        HalfProperties.writeAsked(b, at, n, known.checks() + 1, out);
        writer.end(out);
        RecordLayout.place(out.array(), 0, known.firstQueueOffset(), known.firstLogOffset(), half.storeMillis());
        return out.toByteArray();
    }

    private RecordWriter like(RecordView from) {
        byte[] b = from.bytes();
        int bornEnd = from.bornHostAt() + from.bornHostBytes();
        int storeEnd = from.storeHostAt() + from.storeHostBytes();
        return writer.flag(from.flag())
                .bornMillis(from.bornMillis())
                .bornHost(Arrays.copyOfRange(b, from.bornHostAt(), bornEnd), Bytes.getInt(b, bornEnd))
                .storeHost(Arrays.copyOfRange(b, from.storeHostAt(), storeEnd), Bytes.getInt(b, storeEnd))
                .reconsumeTimes(from.reconsumeTimes());
    }

    private int begin(AppendBatch batch, RecordView from, byte[] topic) {
        return writer.begin(batch.bytes(), from.bytes(), from.bodyAt(), from.bodyBytes(), topic, 0, topic.length);
    }

    private void end(AppendBatch batch, int recordAt, Queue queue) {
        int recordBytes = writer.end(batch.bytes());
        view.on(batch.bytes().array(), recordAt, recordBytes);
        batch.add(queue, recordAt, recordBytes, facts.read(view, rule));
    }
}
