package org.merlinmq.broker.send;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.LoopHandler;
import org.merlinmq.broker.dispatch.LoopReplies;
import org.merlinmq.broker.dispatch.Peer;
import org.merlinmq.broker.dispatch.Refusal;
import org.merlinmq.broker.schedule.DelayRule;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.storage.disk.DiskException;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.Loop;

/**
 * Takes messages in: scans a send's header in place, checks it, encodes its record straight into the loop's batch, and
 * answers when the log has it.
 *
 * <p>All sends of one socket read share one append. Nothing is copied but the message itself, from the read buffer into
 * the batch; nothing is allocated for a message.
 *
 * <p>Threading: one per event loop; every method on that loop.
 *
 * <p>Source: requests 10, 310 and 320; the order of the checks is RocketMQ's.
 */
public final class SendHandler implements LoopHandler {
    /** A batch larger than this goes to the log before the read is done, so that its buffer stays small. */
    private static final int EARLY_APPEND_BYTES = 512 * 1024;

    private static final int LONGEST_NAME_BYTES = 255;

    private final SendServices services;
    private final Loop loop;
    private final LoopReplies replies;
    private final SendCounters counters;
    private final SendFields fields = new SendFields();
    private final SendProperties properties = new SendProperties();
    private final RecordFacts facts = new RecordFacts();
    private final RecordWriter writer = new RecordWriter();
    private final BatchScan items = new BatchScan();
    private final ByteWriter outer = new ByteWriter(0);
    private final ByteWriter rewritten = new ByteWriter(0);
    private final DelayRule delay;
    private final ArrayDeque<StagedSends> spare = new ArrayDeque<>();
    private byte[] name = new byte[LONGEST_NAME_BYTES];
    private boolean undelayed;
    private @Nullable StagedSends staged;

    /**
     * Makes the handler of one loop.
     *
     * @param services what all loops share
     * @param loop the loop
     * @param replies how this loop answers
     * @param counters what this loop counts
     */
    public SendHandler(SendServices services, Loop loop, LoopReplies replies, SendCounters counters) {
        this.services = services;
        this.loop = loop;
        this.replies = replies;
        this.counters = counters;
        delay = new DelayRule(services.schedule());
        writer.storeHost(services.storeHost(), services.identity().port());
    }

    @Override
    public void frame(Connection connection, FrameScan frame) {
        fields.read(frame);
        Refusal refusal = services.notNow();
        if (refusal == null) {
            refusal = stage(connection, frame);
        }
        if (refusal != null) {
            counters.refused();
            refuse(connection, frame, refusal);
        } else if (staged != null && staged.batch().bytes().length() >= EARLY_APPEND_BYTES) {
            readDone();
        }
    }

    private void refuse(Connection connection, FrameScan frame, Refusal refusal) {
        if (frame.isOneway()) {
            replies.countOneway(connection, frame.code(), refusal.code(), refusal.sentence());
        } else {
            services.answers().refuse(replies, connection, frame.form(), frame.requestId(), refusal);
        }
    }

    @Override
    public void readDone() {
        StagedSends sends = staged;
        if (sends != null && sends.batch().count() > 0) {
            staged = null;
            sends.append(services.storage());
        }
    }

    private @Nullable Refusal stage(Connection connection, FrameScan frame) {
        int nameBytes = readName(frame);
        if (fields.batch && name[0] == '%') {
            return new Refusal(
                    ResponseCode.MESSAGE_ILLEGAL,
                    "a batch cannot go to the retry topic " + frame.value(fields.topic) + "; send its messages singly");
        }
        Topic topic = services.topics().find(name, 0, nameBytes);
        undelayed = false;
        // Retry topics, dead letters and the broker's own: all others can be sent to without a second look.
        if (topic == null || name[0] == '%' || topic.closedToClients()) {
            RareTopics.Choice choice = services.rareTopics().choose(topic, RareTopics.Send.of(frame, fields));
            topic = choice.topic();
            if (topic == null) {
                return choice.refusal();
            }
            undelayed = choice.undelayed();
            if (undelayed) {
                // Dead letters have one queue, however many of retries there are.
                fields.queueId = 0;
            }
        }
        Refusal refusal = check(topic, frame);
        if (refusal != null) {
            return refusal;
        }
        if (fields.queueId < 0) {
            fields.queueId = services.random().nextInt(topic.config().writeQueueNums());
        }
        Peer peer = Peer.of(connection);
        writer.bornMillis(fields.bornMillis).bornHost(peer.host(), peer.port());
        writer.queueId(fields.queueId)
                .flag(fields.flag)
                .sysFlag(fields.sysFlag)
                .reconsumeTimes(fields.reconsumeTimes)
                .preparedOffset(0);
        try {
            // Fetched here, where its misses of the cache come together with those of the name.
            Queue queue = topic.queue(fields.queueId);
            return fields.batch
                    ? stageBatch(connection, frame, topic, queue)
                    : stageOne(connection, frame, topic, queue);
        } catch (DiskException e) {
            return noQueue(topic, e);
        }
    }

    private int readName(FrameScan frame) {
        int most = frame.valueBytes(fields.topic);
        if (most > name.length) {
            name = new byte[most];
        }
        return frame.copyValue(fields.topic, name, 0);
    }

    private static Refusal halfMessage() {
        return new Refusal(
                ResponseCode.NO_PERMISSION,
                "transactional messages are not served by this version; send the message without a transaction");
    }

    private @Nullable Refusal check(Topic topic, FrameScan frame) {
        // Half or rolled back, it would be in its queue only until the queue is made anew from the log.
        if ((fields.sysFlag & SysFlag.PREPARED) != 0) {
            return halfMessage();
        }
        int queues = topic.queueLimit();
        if (fields.queueId >= queues) {
            return new Refusal(
                    ResponseCode.INVALID_PARAMETER,
                    "the topic " + topic.name() + " has no queue " + fields.queueId + ", only 0 to " + (queues - 1));
        }
        if (fields.queueId < 0 && topic.config().writeQueueNums() == 0) {
            return new Refusal(
                    ResponseCode.INVALID_PARAMETER,
                    "the topic " + topic.name() + " has no queue to write to: its writeQueueNums is 0");
        }
        int bodyBytes = frame.bodyBytes();
        if (bodyBytes == 0) {
            return new Refusal(ResponseCode.MESSAGE_ILLEGAL, "the message has no body");
        }
        int most = services.config().maxMessageBytes();
        if (bodyBytes > most) {
            return new Refusal(
                    ResponseCode.MESSAGE_ILLEGAL,
                    "the body has " + bodyBytes + " bytes; maxMessageSize allows " + most);
        }
        return null;
    }

    private @Nullable Refusal stageOne(Connection connection, FrameScan frame, Topic topic, Queue queue) {
        StagedSends sends = staged();
        ByteWriter out = sends.batch().bytes();
        int recordAt = begin(out, frame.bytes(), frame.bodyAt(), frame.bodyBytes(), topic);
        int propertiesAt = out.length();
        copyProperties(frame, out);
        properties.scan(out.array(), propertiesAt, out.length() - propertiesAt);
        Refusal refusal = properties.isRare()
                ? stageRare(sends.batch(), frame, topic, queue, recordAt, propertiesAt)
                : end(sends.batch(), recordAt, propertiesAt, topic, queue, 0);
        if (refusal == null) {
            sends.request(connection, frame, 1, fields.queueId, properties, out.array());
        }
        return refusal;
    }

    /** Half messages are refused, delayed ones go to the schedule, and what must not be stored is left out. */
    private @Nullable Refusal stageRare(
            AppendBatch batch, FrameScan frame, Topic topic, Queue queue, int recordAt, int propertiesAt) {
        ByteWriter out = batch.bytes();
        if (properties.transactional) {
            out.truncate(recordAt);
            return halfMessage();
        }
        if (properties.unstorable) {
            properties.copyStorable(out, propertiesAt, rewritten);
            out.truncate(propertiesAt);
            out.put(rewritten.array(), 0, rewritten.length());
            properties.scan(out.array(), propertiesAt, out.length() - propertiesAt);
        }
        int decision = properties.delayed && !undelayed
                ? delay.decide(out.array(), propertiesAt, out.length() - propertiesAt, services.nowMillis())
                : DelayRule.AT_ONCE;
        return switch (decision) {
            case DelayRule.AT_ONCE -> end(batch, recordAt, propertiesAt, topic, queue, 0);
            case DelayRule.HELD -> stageHeld(batch, frame, topic, recordAt, propertiesAt);
            default -> {
                out.truncate(recordAt);
                yield new Refusal(
                        ResponseCode.MESSAGE_ILLEGAL,
                        "the delay is no number, or longer than the longest allowed: "
                                + services.schedule().maxDelay());
            }
        };
    }

    private @Nullable Refusal stageHeld(
            AppendBatch batch, FrameScan frame, Topic topic, int recordAt, int propertiesAt) {
        ByteWriter out = batch.bytes();
        rewritten.clear();
        byte[] topicName = topic.nameBytes();
        delay.writeProperties(
                out.array(),
                propertiesAt,
                out.length() - propertiesAt,
                topicName,
                0,
                topicName.length,
                fields.queueId,
                rewritten);
        out.truncate(recordAt);
        Topic held = services.topics().find(delay.topic(), 0, delay.topic().length);
        if (held == null) {
            throw new IllegalStateException(
                    "the schedule's topic " + Bytes.text(delay.topic(), 0, delay.topic().length) + " is missing");
        }
        Queue heldQueue = held.queue(delay.queueId());
        writer.queueId(delay.queueId());
        int heldAt = begin(out, frame.bytes(), frame.bodyAt(), frame.bodyBytes(), held);
        int heldPropertiesAt = out.length();
        out.put(rewritten.array(), 0, rewritten.length());
        properties.scan(out.array(), heldPropertiesAt, out.length() - heldPropertiesAt);
        return end(batch, heldAt, heldPropertiesAt, held, heldQueue, delay.dueMillis());
    }

    private @Nullable Refusal stageBatch(Connection connection, FrameScan frame, Topic topic, Queue queue) {
        StagedSends sends = staged();
        AppendBatch batch = sends.batch();
        ByteWriter out = batch.bytes();
        int batchAt = out.length();
        int entriesBefore = batch.count();
        items.on(frame.bytes(), frame.bodyAt(), frame.bodyBytes());
        while (items.next()) {
            writer.flag(items.flag());
            int recordAt = begin(out, frame.bytes(), items.bodyAt(), items.bodyBytes(), topic);
            int propertiesAt = out.length();
            out.put(frame.bytes(), items.propertiesAt(), items.propertiesBytes());
            properties.scan(out.array(), propertiesAt, out.length() - propertiesAt);
            Refusal refusal = end(batch, recordAt, propertiesAt, topic, queue, 0);
            if (refusal != null) {
                batch.truncate(entriesBefore, batchAt);
                return refusal;
            }
        }
        if (items.isMalformed()) {
            batch.truncate(entriesBefore, batchAt);
            return new Refusal(ResponseCode.MESSAGE_ILLEGAL, "the batch's body is no sequence of messages");
        }
        int count = batch.count() - entriesBefore;
        if (count == 0) {
            return new Refusal(ResponseCode.MESSAGE_ILLEGAL, "the batch holds no message");
        }
        batch.group(count);
        outer.clear();
        copyProperties(frame, outer);
        properties.scan(outer.array(), 0, outer.length());
        sends.request(connection, frame, count, fields.queueId, properties, outer.array());
        return null;
    }

    private int begin(ByteWriter out, byte[] body, int bodyAt, int bodyBytes, Topic topic) {
        byte[] topicName = topic.nameBytes();
        return writer.begin(out, body, bodyAt, bodyBytes, topicName, 0, topicName.length);
    }

    private void copyProperties(FrameScan frame, ByteWriter out) {
        if (fields.properties >= 0) {
            out.ensure(frame.valueBytes(fields.properties));
            out.advance(frame.copyValue(fields.properties, out.array(), out.length()));
        }
    }

    /** Adds the broker's own properties, closes the record and enters it into the batch. */
    private @Nullable Refusal end(
            AppendBatch batch, int recordAt, int propertiesAt, Topic topic, Queue queue, long dueMillis) {
        ByteWriter out = batch.bytes();
        services.ownProperties().add(properties, out);
        int propertiesBytes = out.length() - propertiesAt;
        if (propertiesBytes > RecordLayout.MAX_PROPERTIES_BYTES) {
            out.truncate(recordAt);
            return new Refusal(
                    ResponseCode.MESSAGE_ILLEGAL,
                    "the properties have " + propertiesBytes + " bytes; a message can hold "
                            + RecordLayout.MAX_PROPERTIES_BYTES);
        }
        int recordBytes = writer.end(out);
        int most = services.storage().maxRecordBytes();
        if (recordBytes > most) {
            out.truncate(recordAt);
            return new Refusal(
                    ResponseCode.MESSAGE_ILLEGAL,
                    "the message has " + recordBytes + " bytes with all that is stored of it; " + most
                            + " fit maxMessageSize and the segments of the log");
        }
        byte[] bytes = out.array();
        properties.describe(facts, bytes, recordAt, topic.keyHash());
        facts.due(dueMillis);
        if (dueMillis != 0 && delay.isLevel()) {
            // A queue of a delay level holds times of delivery in place of tag hashes.
            facts.tagsCode(dueMillis);
        }
        batch.add(queue, recordAt, recordBytes, facts);
        return null;
    }

    /** The first message of a queue enters its name into a journal, which a full disk does not take. */
    private static Refusal noQueue(Topic topic, DiskException cause) {
        return new Refusal(
                ResponseCode.SERVICE_NOT_AVAILABLE,
                "The queue of a message to topic " + topic.name() + " cannot be made: " + cause.getMessage()
                        + (cause.full() ? ". Free space there; then send again." : ". Check the disk."));
    }

    private StagedSends staged() {
        StagedSends sends = staged;
        if (sends == null) {
            sends = spare.poll();
            if (sends == null) {
                sends = new StagedSends(services, loop, replies, counters, spare);
            }
            staged = sends;
        }
        return sends;
    }
}
