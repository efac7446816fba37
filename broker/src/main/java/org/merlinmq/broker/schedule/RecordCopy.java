package org.merlinmq.broker.schedule;

import java.util.Arrays;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.AppendBatch;
import org.merlinmq.storage.KeyHash;
import org.merlinmq.storage.queue.Queue;

/**
 * Stages a copy of a stored record for another queue: a due message on its way home, a message that a consumer sends
 * back. Body, flags, birth and the properties string are taken over byte for byte, except what the caller changes.
 *
 * <p>Threading: one owner at a time.
 */
public final class RecordCopy {
    private static final byte[] TAGS = Bytes.ascii("TAGS");
    private static final byte[] KEYS = Bytes.ascii("KEYS");
    private static final byte[] UNIQ_KEY = Bytes.ascii("UNIQ_KEY");

    private final RecordWriter writer = new RecordWriter();

    /** What the copy has of its own. */
    public static final class Target {
        private final byte[] topic;
        private final Queue queue;
        private final byte[] properties;
        private int reconsumeTimes;
        private long preparedOffset;
        private long dueMillis;
        private boolean byLevel;
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
     * Encodes a copy into a batch and enters it there.
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
                .sysFlag(from.sysFlag())
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
        long tagsCode = to.byLevel ? to.dueMillis : tagsCode(to.properties);
        int index = batch.add(to.queue, recordAt, recordBytes, tagsCode, to.dueMillis);
        addKeys(batch, to.topic, to.properties);
        return index;
    }

    private static long tagsCode(byte[] properties) {
        int at = PropertyBytes.find(properties, 0, properties.length, TAGS);
        return at < 0 ? 0 : Bytes.javaHash(properties, at, PropertyBytes.valueBytes(properties, at, properties.length));
    }

    private static void addKeys(AppendBatch batch, byte[] topic, byte[] properties) {
        int unique = PropertyBytes.find(properties, 0, properties.length, UNIQ_KEY);
        if (unique >= 0) {
            int length = PropertyBytes.valueBytes(properties, unique, properties.length);
            batch.addKey(KeyHash.of(KeyHash.topic(topic, 0, topic.length), properties, unique, length));
        }
        int keys = PropertyBytes.find(properties, 0, properties.length, KEYS);
        if (keys < 0) {
            return;
        }
        int end = keys + PropertyBytes.valueBytes(properties, keys, properties.length);
        for (int word = keys; word < end; ) {
            int blank = Bytes.indexOf(properties, word, end, ' ');
            int wordEnd = blank < 0 || blank > end ? end : blank;
            if (wordEnd > word) {
                batch.addKey(KeyHash.of(KeyHash.topic(topic, 0, topic.length), properties, word, wordEnd - word));
            }
            word = wordEnd + 1;
        }
    }
}
