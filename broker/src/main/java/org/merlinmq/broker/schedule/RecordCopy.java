package org.merlinmq.broker.schedule;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.queue.Queue;

/**
 * Stages a copy of a stored record for another queue: a due message on its way home, a message that a consumer sends
 * back. Body, flags, birth and the properties string are taken over byte for byte, except what the caller changes.
 *
 * <p>Threading: one owner at a time.
 */
public final class RecordCopy {
    private final RecordWriter writer = new RecordWriter();
    private final RecordView view = new RecordView();
    private final RecordFacts facts = new RecordFacts();

    /** What the copy has of its own. */
    public static final class Target {
        private final byte[] topic;
        private final Queue queue;
        private final byte[] properties;
        private int reconsumeTimes;
        private long preparedOffset;
        private long dueMillis;
        private boolean byLevel;
        private @Nullable DelayRule rule;
        private byte[] storeHost = {};
        private int storePort;

        /**
         * A copy for a queue.
         *
         * @param topic the name of the queue's topic
         * @param queue the queue
         * @param properties the copy's properties string
         * @param reconsumeTimes how often it was consumed in vain
         */
        public Target(byte[] topic, Queue queue, byte[] properties, int reconsumeTimes) {
            this.topic = topic;
            this.queue = queue;
            this.properties = properties;
            this.reconsumeTimes = reconsumeTimes;
        }

        /**
         * Names the record that the copy settles.
         *
         * @param logOffset the delayed record's place in the log
         * @return this
         */
        public Target settles(long logOffset) {
            preparedOffset = RecordLayout.naming(logOffset);
            return this;
        }

        /**
         * Makes the copy itself a delayed one.
         *
         * @param millis when it is due
         * @param level its queue is one of the delay levels, whose entries hold the due time in place of a tag hash
         * @return this
         */
        public Target due(long millis, boolean level) {
            dueMillis = millis;
            byLevel = level;
            return this;
        }

        /**
         * Makes the copy itself a delayed one, as a rule has decided.
         *
         * @param decided has decided on the copy's message; until the copy is staged it decides on no other one
         * @return this
         */
        public Target due(DelayRule decided) {
            rule = decided;
            return this;
        }

        /**
         * Says which broker stores the copy, where that is not taken over.
         *
         * @param host its address, 4 or 16 bytes
         * @param port its port
         * @return this
         */
        public Target storedBy(byte[] host, int port) {
            storeHost = host;
            storePort = port;
            return this;
        }
    }

    /** A copier with its own buffers. */
    public RecordCopy() {}

    /**
     * Encodes a copy into a batch and enters it there. One that names a delayed record has no transaction state, which would
     * say that it names a half message.
     *
     * @param batch takes the record
     * @param from the record to copy
     * @param to what the copy has of its own
     * @return the copy's index in the batch
     */
    public int stage(AppendBatch batch, RecordView from, Target to) {
        ByteWriter out = batch.bytes();
        byte[] b = from.bytes();
        writer.queueId(to.queue.queueId())
                .flag(from.flag())
                .sysFlag(to.preparedOffset == 0 ? from.sysFlag() : from.sysFlag() & ~SysFlag.TRANSACTION)
                .bornMillis(from.bornMillis())
                .bornHost(
                        Arrays.copyOfRange(b, from.bornHostAt(), from.bornHostAt() + from.bornHostBytes()),
                        Bytes.getInt(b, from.bornHostAt() + from.bornHostBytes()))
                .reconsumeTimes(to.reconsumeTimes)
                .preparedOffset(to.preparedOffset);
        if (to.storeHost.length > 0) {
            writer.storeHost(to.storeHost, to.storePort);
        } else {
            writer.storeHost(
                    Arrays.copyOfRange(b, from.storeHostAt(), from.storeHostAt() + from.storeHostBytes()),
                    Bytes.getInt(b, from.storeHostAt() + from.storeHostBytes()));
        }
        int recordAt = writer.begin(out, b, from.bodyAt(), from.bodyBytes(), to.topic, 0, to.topic.length);
        out.put(to.properties);
        int recordBytes = writer.end(out);
        view.on(out.array(), recordAt, recordBytes);
        facts.read(view, RecordRule.NONE);
        if (to.rule != null) {
            to.rule.describe(facts);
        } else if (to.dueMillis != 0) {
            facts.due(to.dueMillis);
            if (to.byLevel) {
                facts.tagsCode(to.dueMillis);
            }
        }
        return batch.add(to.queue, recordAt, recordBytes, facts);
    }
}
