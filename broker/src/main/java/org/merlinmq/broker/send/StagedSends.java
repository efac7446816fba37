package org.merlinmq.broker.send;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dispatch.LoopReplies;
import org.merlinmq.broker.dispatch.Refusal;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.frame.ReplyWriter;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendListener;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.Loop;

/**
 * The sends that one append carries, and what is needed to answer them once the log has said what became of it.
 *
 * <p>Threading: filled and answered on the loop that owns it; {@link #appended} on any thread.
 */
final class StagedSends implements AppendListener {
    private static final int FIRST_CAPACITY = 64;

    private static final byte[] MSG_ID = Bytes.ascii("msgId");
    private static final byte[] QUEUE_ID = Bytes.ascii("queueId");
    private static final byte[] QUEUE_OFFSET = Bytes.ascii("queueOffset");
    private static final byte[] TRANSACTION_ID = Bytes.ascii("transactionId");

    private final SendServices services;
    private final Loop loop;
    private final LoopReplies replies;
    private final SendCounters counters;
    private final ArrayDeque<StagedSends> spare;
    private final AppendBatch batch;
    private final ByteWriter uniqueKeys = new ByteWriter(0);
    private final ByteWriter messageId = new ByteWriter(0);

    private @Nullable Connection[] connections = new Connection[FIRST_CAPACITY];
    private HeaderForm[] forms = new HeaderForm[FIRST_CAPACITY];
    private int[] requestIds = new int[FIRST_CAPACITY];
    private int[] entryCounts = new int[FIRST_CAPACITY];
    private int[] queueIds = new int[FIRST_CAPACITY];
    private int[] uniqueKeyBytes = new int[FIRST_CAPACITY];
    private int count;
    private long sinceNanos;
    private boolean anyWaits;

    StagedSends(
            SendServices services,
            Loop loop,
            LoopReplies replies,
            SendCounters counters,
            ArrayDeque<StagedSends> spare) {
        this.services = services;
        this.loop = loop;
        this.replies = replies;
        this.counters = counters;
        this.spare = spare;
        batch = services.storage().newBatch(this);
    }

    AppendBatch batch() {
        return batch;
    }

    /** Notes a request whose records are the last {@code entries} of the batch. */
    void request(
            Connection connection, FrameScan frame, int entries, int queueId, SendProperties properties, byte[] bytes) {
        if (count == 0) {
            sinceNanos = System.nanoTime();
        }
        if (count == requestIds.length) {
            grow();
        }
        connections[count] = frame.isOneway() ? null : connection;
        forms[count] = frame.form();
        requestIds[count] = frame.requestId();
        entryCounts[count] = entries;
        queueIds[count] = queueId;
        uniqueKeys.put(bytes, properties.uniqueKeyAt, properties.uniqueKeyBytes);
        uniqueKeyBytes[count] = properties.uniqueKeyBytes;
        anyWaits |= properties.wait;
        count++;
    }

    private void grow() {
        int capacity = count * 2;
        connections = Arrays.copyOf(connections, capacity);
        forms = Arrays.copyOf(forms, capacity);
        requestIds = Arrays.copyOf(requestIds, capacity);
        entryCounts = Arrays.copyOf(entryCounts, capacity);
        queueIds = Arrays.copyOf(queueIds, capacity);
        uniqueKeyBytes = Arrays.copyOf(uniqueKeyBytes, capacity);
    }

    void append(Storage storage) {
        if (!anyWaits) {
            batch.waitForFlush(false);
        }
        storage.append(batch);
    }

    @Override
    public void appended(AppendBatch done) {
        if (loop.inLoop()) {
            answer();
        } else {
            loop.execute(this::answer);
        }
    }

    private void answer() {
        AppendStatus status = batch.status();
        boolean stored = status != AppendStatus.REFUSED;
        int entry = 0;
        int keyAt = 0;
        for (int i = 0; i < count; i++) {
            Connection connection = connections[i];
            if (connection != null && connection.isOpen()) {
                if (stored) {
                    stored(connection, i, entry, keyAt, status);
                } else {
                    services.answers()
                            .refuse(
                                    replies,
                                    connection,
                                    forms[i],
                                    requestIds[i],
                                    new Refusal(ResponseCode.SERVICE_NOT_AVAILABLE, batch.reason()));
                }
            }
            entry += entryCounts[i];
            keyAt += uniqueKeyBytes[i];
        }
        if (stored) {
            services.throughput().produced().add(entry, batch.bytes().length());
            counters.stored(entry, batch.bytes().length(), count, System.nanoTime() - sinceNanos);
        } else {
            counters.failed(count);
        }
        clear();
        spare.push(this);
    }

    private void stored(Connection connection, int i, int entry, int keyAt, AppendStatus status) {
        messageId.clear();
        for (int n = 0; n < entryCounts[i]; n++) {
            if (n > 0) {
                messageId.putByte(',');
            }
            MessageId.encode(
                    messageId, services.storeHost(), services.identity().port(), batch.logOffset(entry + n));
        }
        ResponseCode code = status == AppendStatus.STORED ? ResponseCode.SUCCESS : ResponseCode.FLUSH_DISK_TIMEOUT;
        ReplyWriter writer = replies.writer();
        writer.begin(connection.out(), forms[i], code.number(), requestIds[i]);
        writer.field(MSG_ID, messageId.array(), 0, messageId.length());
        writer.field(QUEUE_ID, queueIds[i]);
        writer.field(QUEUE_OFFSET, batch.queueOffset(entry));
        if (uniqueKeyBytes[i] > 0) {
            writer.field(TRANSACTION_ID, uniqueKeys.array(), keyAt, uniqueKeyBytes[i]);
        }
        services.answers().writeCommon(writer);
        writer.endHeader();
        writer.end();
        connection.touch();
    }

    private void clear() {
        Arrays.fill(connections, 0, count, null);
        count = 0;
        anyWaits = false;
        uniqueKeys.clear();
        batch.clear();
    }
}
