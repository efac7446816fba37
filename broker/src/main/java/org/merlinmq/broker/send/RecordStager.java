package org.merlinmq.broker.send;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dedup.DedupTable;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.schedule.DelayRule;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.broker.transaction.HalfMessages;
import org.merlinmq.broker.transaction.HalfProperties;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecallHandle;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.facts.KeyHash;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Encodes the records of a send straight into a batch of the log: one message, a batch of messages, or one message that
 * the schedule holds back. A send that is refused leaves the batch as it was.
 *
 * <p>Threading: one per event loop, on that loop. Nothing is allocated for a message.
 */
public final class RecordStager {
    /**
     * Kept free in the properties and in the record of each message: for all that is added when it is delayed, retried,
     * carried over, buried, or, later, checked as half of a transaction. With the longest names that are 600 bytes.
     */
    static final int RESERVED_BYTES = 1024;

    /** The same of a message that its consumer sends to a retry topic, which has most of it already. */
    static final int RESERVED_IN_RETRIES = 256;

    private static final byte[] HALF_TOPIC = Bytes.ascii(HalfMessages.TOPIC);

    /** What becomes of a record: it is an ordinary one, or as the rule of delays has decided, or half of a transaction. */
    private enum Kind {
        ORDINARY,
        DELAYED,
        HALF
    }

    private final Storage storage;
    private final TopicTable topics;
    private final OwnProperties ownProperties;
    private final HalfMessages halves;
    private final long maxDelayMillis;
    private final LongSupplier nowMillis;
    private final DelayRule delay;
    private final SendProperties properties = new SendProperties();
    private final RecordFacts facts = new RecordFacts();
    private final RecordWriter writer = new RecordWriter();
    private final BatchScan items = new BatchScan();
    private final ByteWriter rewritten = new ByteWriter(0);
    private final ByteSlice itemBody = new ByteSlice();
    private final ByteSlice uniqueKey = new ByteSlice();
    private final boolean recalls;
    private final byte[] brokerName;
    private final ByteWriter handleWords = new ByteWriter(0);
    private final ByteWriter recallHandle = new ByteWriter(0);

    /** The own topic of a message that is held back. */
    private final ByteSlice real = new ByteSlice();

    /** The topic that stands in the records of the send. */
    private final ByteSlice name = new ByteSlice();

    private long nameHash;
    private long uniqueKeyHash;
    private int firstKeyAt;
    private int firstKeyBytes;
    private boolean firstIsStaged;
    private boolean keyed;
    private boolean deferred;
    private boolean waits;
    private int reserved;

    /**
     * The stager of one loop.
     *
     * @param storage says how large a record may be
     * @param topics has the topics of the schedule
     * @param ownProperties what the broker adds to each message
     * @param identity stands in the records as their store
     * @param schedule levels and limits of delays
     * @param halves whether half messages are taken
     * @param nowMillis the wall clock, from which delays count
     */
    public RecordStager(
            Storage storage,
            TopicTable topics,
            OwnProperties ownProperties,
            BrokerIdentity identity,
            ScheduleConfig schedule,
            HalfMessages halves,
            LongSupplier nowMillis) {
        this.storage = storage;
        this.topics = topics;
        this.ownProperties = ownProperties;
        this.halves = halves;
        this.maxDelayMillis = schedule.maxDelay().toMillis();
        this.nowMillis = nowMillis;
        delay = new DelayRule(schedule);
        recalls = schedule.recall();
        brokerName = Bytes.utf8(identity.brokerName());
        writer.storeHost(identity.host().getAddress(), identity.port());
    }

    /**
     * Adds the records of a send.
     *
     * @param request the send, its queue chosen
     * @param topic where it goes; null if that is the topic that the request names: with thousands of topics the name in the
     *     request is in the cache, and the topic is not
     * @param queue the queue of that topic
     * @param batch takes the records
     * @return why the send cannot be stored; null if its records are in the batch
     */
    @Nullable Refusal stage(SendRequest request, @Nullable Topic topic, Queue queue, AppendBatch batch) {
        Session session = request.session();
        writer.bornMillis(request.bornMillis).bornHost(session.host(), session.port());
        writer.queueId(request.queueId)
                .flag(request.flag)
                .sysFlag(request.sysFlag)
                .reconsumeTimes(request.reconsumeTimes)
                .preparedOffset(0);
        recallHandle.clear();
        firstIsStaged = false;
        reserved = request.topic.first() == '%' ? RESERVED_IN_RETRIES : RESERVED_BYTES;
        if (topic == null) {
            name(request.topic.array(), request.topic.at(), request.topic.length());
        } else {
            name(topic.nameBytes(), 0, topic.nameBytes().length);
        }
        return request.batch ? stageBatch(request, queue, batch) : stageOne(request, queue, batch);
    }

    private void name(byte[] bytes, int at, int length) {
        name.set(bytes, at, length);
        nameHash = KeyHash.topic(bytes, at, length);
    }

    /** The unique key of the send that was staged last; valid until the next one. */
    ByteSlice uniqueKey() {
        return uniqueKey;
    }

    /**
     * Whether the send that was staged last has a unique key of its sender; a batch has that of its first message, since the key
     * around it is not stored.
     */
    boolean keyed() {
        return keyed;
    }

    /** The hash of that key and the topic that stands in the record; means nothing if there is none. */
    long uniqueKeyHash() {
        return uniqueKeyHash;
    }

    /**
     * The hash of that key by which a {@link DedupTable} knows it; only if there is one.
     *
     * @param batch where the send was staged
     */
    long dedupHash(AppendBatch batch) {
        return DedupTable.hash(nameHash, batch.bytes().array(), firstKeyAt, firstKeyBytes);
    }

    /** Whether the send that was staged last waits elsewhere than in the queue it asked for. */
    boolean deferred() {
        return deferred;
    }

    /** What takes the message back that was staged last; empty if it is not held back, or only by a level. */
    ByteWriter recallHandle() {
        return recallHandle;
    }

    /** Whether the sender of the send that was staged last wants to hear only when the disk has it. */
    boolean waits() {
        return waits;
    }

    private @Nullable Refusal stageOne(SendRequest request, Queue queue, AppendBatch batch) {
        ByteSlice text = request.properties;
        properties.scan(text.array(), text.at(), text.length());
        Refusal refusal = properties.isRare() || (request.sysFlag & SysFlag.PREPARED) != 0
                ? stageRare(request, queue, batch)
                : record(request.body, text.array(), text.at(), text.length(), queue, Kind.ORDINARY, batch);
        if (refusal == null) {
            waits = properties.wait;
        }
        return refusal;
    }

    /** Half messages and delayed ones go to topics of their own, and what must not be stored is left out. */
    private @Nullable Refusal stageRare(SendRequest request, Queue queue, AppendBatch batch) {
        byte[] text = request.properties.array();
        int at = request.properties.at();
        int length = request.properties.length();
        if (properties.unstorable) {
            rewritten.clear();
            properties.copyStorable(text, at, length, rewritten);
            // The slice's own room: the message may have to be rewritten once more, for the schedule.
            length = rewritten.length();
            text = request.properties.room(length);
            at = 0;
            System.arraycopy(rewritten.array(), 0, text, 0, length);
            properties.scan(text, at, length);
        }
        if (properties.transactional && !(request.reconsumeTimes > 0 && properties.delayed)) {
            return stageHalf(request, text, at, length, batch);
        }
        if ((request.sysFlag & SysFlag.PREPARED) != 0) {
            if (!properties.transactional) {
                return SendChecks.illegal("sysFlag says that this is a half message, and its properties do not: a half"
                        + " message has TRAN_MSG=true and PGROUP");
            }
            writer.sysFlag(request.sysFlag & ~SysFlag.TRANSACTION);
        }
        int decision = properties.delayed && !request.undelayed
                ? delay.decide(text, at, length, nowMillis.getAsLong())
                : DelayRule.AT_ONCE;
        return switch (decision) {
            case DelayRule.AT_ONCE -> record(request.body, text, at, length, queue, Kind.ORDINARY, batch);
            case DelayRule.HELD -> stageHeld(request, text, at, length, batch);
            default -> SendChecks.illegal(delay.refusal(text, at, length));
        };
    }

    /** Under the topic of half messages, where it waits for its producer's decision. A delay is not kept. */
    private @Nullable Refusal stageHalf(SendRequest request, byte[] text, int at, int length, AppendBatch batch) {
        Refusal refusal = halves.refusal();
        if (refusal != null) {
            return refusal;
        }
        if (properties.groupBytes == 0) {
            return SendChecks.illegal(
                    "a half message has no producer group: its property PGROUP is missing, without which"
                            + " nobody can be asked about it");
        }
        long delayMillis = properties.longName ? HalfProperties.delayAfterCommit(text, at, length) : 0;
        if (delayMillis < 0 || delayMillis > maxDelayMillis) {
            return SendChecks.illegal(
                    PropertyName.TRAN_DELAY_MS + " is no number of milliseconds from 0 to " + maxDelayMillis);
        }
        uniqueKey.set(text, at + properties.uniqueKeyAt, properties.uniqueKeyBytes);
        rewritten.clear();
        int kept = HalfProperties.write(text, at, length, name, request.queueId, uniqueKey, rewritten);
        Topic half = topics.find(HALF_TOPIC, 0, HALF_TOPIC.length);
        if (half == null) {
            throw new IllegalStateException("the topic of half messages is missing");
        }
        Queue halfQueue;
        try {
            halfQueue = half.queue(0);
        } catch (DiskException e) {
            return SendChecks.noQueue(half, e);
        }
        writer.queueId(0).sysFlag(request.sysFlag & ~SysFlag.TRANSACTION);
        name(half.nameBytes(), 0, half.nameBytes().length);
        if (kept == (properties.terminated ? length : length + 1)) {
            // All that was found lies where it lay, and what was added behind it is nothing to look for.
            properties.terminated = true;
        } else {
            properties.scan(rewritten.array(), 0, rewritten.length());
        }
        return record(request.body, rewritten.array(), 0, rewritten.length(), halfQueue, Kind.HALF, batch);
    }

    private @Nullable Refusal stageHeld(SendRequest request, byte[] text, int at, int length, AppendBatch batch) {
        rewritten.clear();
        delay.writeProperties(text, at, length, name.array(), name.at(), name.length(), request.queueId, rewritten);
        real.set(name.array(), name.at(), name.length());
        Topic held = topics.find(delay.topic(), 0, delay.topic().length);
        if (held == null) {
            throw new IllegalStateException(
                    "the schedule's topic " + Bytes.text(delay.topic(), 0, delay.topic().length) + " is missing");
        }
        Queue heldQueue;
        try {
            heldQueue = held.queue(delay.queueId());
        } catch (DiskException e) {
            return SendChecks.noQueue(held, e);
        }
        writer.queueId(delay.queueId());
        name(held.nameBytes(), 0, held.nameBytes().length);
        properties.scan(rewritten.array(), 0, rewritten.length());
        Refusal refusal =
                record(request.body, rewritten.array(), 0, rewritten.length(), heldQueue, Kind.DELAYED, batch);
        if (refusal == null && recalls && delay.isRecallable()) {
            writeHandle(real);
        }
        return refusal;
    }

    private void writeHandle(ByteSlice topic) {
        handleWords.clear();
        RecallHandle.words(
                handleWords,
                topic.array(),
                topic.at(),
                topic.length(),
                brokerName,
                delay.dueMillis(),
                uniqueKey.array(),
                uniqueKey.at(),
                uniqueKey.length());
        RecallHandle.encode(handleWords, recallHandle);
    }

    private @Nullable Refusal stageBatch(SendRequest request, Queue queue, AppendBatch batch) {
        int batchAt = batch.bytes().length();
        int entriesBefore = batch.count();
        ByteSlice body = request.body;
        byte[] bytes = body.array();
        items.on(bytes, body.at(), body.length());
        ByteSlice outer = request.properties;
        properties.scan(outer.array(), outer.at(), outer.length());
        Refusal refusal = checkInBatch(outer.array(), outer.at(), outer.length());
        while (refusal == null && items.next()) {
            writer.flag(items.flag());
            refusal = stageItem(bytes, queue, batch);
        }
        if (refusal != null) {
            batch.truncate(entriesBefore, batchAt);
            return refusal;
        }
        if (items.isMalformed()) {
            batch.truncate(entriesBefore, batchAt);
            return SendChecks.illegal("the batch's body is no sequence of messages");
        }
        int count = batch.count() - entriesBefore;
        if (count == 0) {
            return SendChecks.illegal("the batch holds no message");
        }
        batch.group(count);
        properties.scan(outer.array(), outer.at(), outer.length());
        uniqueKey.set(outer.array(), outer.at() + properties.uniqueKeyAt, properties.uniqueKeyBytes);
        waits = properties.wait;
        return null;
    }

    private @Nullable Refusal stageItem(byte[] bytes, Queue queue, AppendBatch batch) {
        if (items.bodyBytes() == 0) {
            return SendChecks.illegal("a message of the batch has no body");
        }
        itemBody.set(bytes, items.bodyAt(), items.bodyBytes());
        byte[] text = bytes;
        int at = items.propertiesAt();
        int length = items.propertiesBytes();
        properties.scan(text, at, length);
        if (properties.isRare()) {
            Refusal refusal = checkInBatch(text, at, length);
            if (refusal != null) {
                return refusal;
            }
            rewritten.clear();
            properties.copyStorable(text, at, length, rewritten);
            text = rewritten.array();
            at = 0;
            length = rewritten.length();
            properties.scan(text, at, length);
        }
        return record(itemBody, text, at, length, queue, Kind.ORDINARY, batch);
    }

    /** The schedule and transactions hold single messages. */
    private @Nullable Refusal checkInBatch(byte[] text, int at, int length) {
        if (properties.transactional) {
            return SendChecks.halfInBatch();
        }
        return properties.delayed && delay.decide(text, at, length, nowMillis.getAsLong()) != DelayRule.AT_ONCE
                ? SendChecks.illegal("a batch holds no message with a delay; send delayed messages singly")
                : null;
    }

    /** Encodes one record, whose properties were scanned, with the broker's own properties, and enters it into the batch. */
    private @Nullable Refusal record(
            ByteSlice body, byte[] text, int textAt, int textBytes, Queue queue, Kind kind, AppendBatch batch) {
        ByteWriter out = batch.bytes();
        int recordAt =
                writer.begin(out, body.array(), body.at(), body.length(), name.array(), name.at(), name.length());
        int propertiesAt = out.length();
        out.put(text, textAt, textBytes);
        boolean brought = properties.uniqueKeyBytes > 0;
        ownProperties.add(properties, out, propertiesAt);
        int propertiesBytes = out.length() - propertiesAt;
        int mostProperties = RecordLayout.MAX_PROPERTIES_BYTES - reserved;
        if (propertiesBytes > mostProperties) {
            out.truncate(recordAt);
            return SendChecks.illegal("the properties have " + propertiesBytes
                    + " bytes with what the broker adds; a message can have " + mostProperties
                    + ", so that it can still be delayed and retried");
        }
        int recordBytes = writer.end(out);
        int most = storage.maxRecordBytes() - reserved;
        if (recordBytes > most) {
            out.truncate(recordAt);
            return SendChecks.illegal("the message has " + recordBytes + " bytes with all that is stored of it; " + most
                    + " fit maxMessageSize and the segments of the log");
        }
        properties.describe(facts, out.array(), recordAt, propertiesAt, nameHash);
        if (kind == Kind.DELAYED) {
            delay.describe(facts);
        } else if (kind == Kind.HALF) {
            int checkAfter = halves.checkAfterMillis();
            facts.half(
                    properties.longName
                            ? RecordFacts.checkAfterMillis(text, textAt, textBytes, checkAfter)
                            : checkAfter,
                    Bytes.hash(out.array(), propertiesAt + properties.groupAt, properties.groupBytes));
        }
        if (!firstIsStaged) {
            firstIsStaged = true;
            keyed = brought;
            deferred = kind != Kind.ORDINARY;
            uniqueKeyHash = facts.key(0);
            firstKeyAt = propertiesAt + properties.uniqueKeyAt;
            firstKeyBytes = properties.uniqueKeyBytes;
        }
        batch.add(queue, recordAt, recordBytes, facts);
        uniqueKey.set(out.array(), propertiesAt + properties.uniqueKeyAt, properties.uniqueKeyBytes);
        return null;
    }
}
