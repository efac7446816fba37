package org.merlinmq.client;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.message.MessageId;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;

/**
 * A message as a broker stored it.
 *
 * <p>Threading: immutable, as long as nothing writes into the body.
 */
public final class ReceivedMessage {
    private static final String RETRY_PREFIX = "%RETRY%";

    private final MessageQueueId queue;
    private final long queueOffset;
    private final long logOffset;
    private final int flag;
    private final int sysFlag;
    private final int reconsumeTimes;
    private final int recordBytes;
    private final long preparedLogOffset;
    private final long bornMillis;
    private final long storeMillis;
    private final String bornHost;
    private final String storeHost;
    private final String offsetMessageId;
    private final Map<String, String> properties;
    private final byte[] storedBody;
    private final byte @Nullable [] body;
    private final @Nullable String unreadable;

    ReceivedMessage(RecordView record, String brokerName) {
        this.queue = new MessageQueueId(record.topic(), brokerName, record.queueId());
        this.queueOffset = record.queueOffset();
        this.logOffset = record.logOffset();
        this.flag = record.flag();
        this.sysFlag = record.sysFlag();
        this.reconsumeTimes = record.reconsumeTimes();
        this.recordBytes = record.totalBytes();
        this.preparedLogOffset = record.preparedOffset();
        this.bornMillis = record.bornMillis();
        this.storeMillis = record.storeMillis();
        this.bornHost = record.bornHost();
        this.storeHost = record.storeHost();
        this.properties = Map.copyOf(record.properties());
        this.offsetMessageId = offsetId(record);
        this.storedBody =
                java.util.Arrays.copyOfRange(record.bytes(), record.bodyAt(), record.bodyAt() + record.bodyBytes());
        byte[] expanded = null;
        String why = null;
        try {
            expanded = BodyCompression.expand(storedBody, sysFlag);
        } catch (ClientException damaged) { // the messages around it are sound
            why = damaged.getMessage();
        }
        this.body = expanded;
        this.unreadable = why;
    }

    private static String offsetId(RecordView record) {
        int portAt = record.storeHostAt() + record.storeHostBytes();
        byte[] host = java.util.Arrays.copyOfRange(record.bytes(), record.storeHostAt(), portAt);
        int port = org.merlinmq.protocol.bytes.Bytes.getInt(record.bytes(), portAt);
        return MessageId.encode(host, port, record.logOffset());
    }

    /**
     * The topic that the message was sent to, also when it comes again through the retry topic of a group.
     *
     * @return the topic
     */
    public String topic() {
        String original = properties.get(PropertyName.RETRY_TOPIC);
        return original != null && queue.topic().startsWith(RETRY_PREFIX) ? original : queue.topic();
    }

    /** The queue it was read from; its topic may be a retry topic. */
    public MessageQueueId queue() {
        return queue;
    }

    /** The queue offset: counts messages. */
    public long queueOffset() {
        return queueOffset;
    }

    /** The offset in the broker's log: counts bytes. */
    public long logOffset() {
        return logOffset;
    }

    /** How many bytes it takes in the broker's log. */
    public int recordBytes() {
        return recordBytes;
    }

    /** The field of its record that names where it came from: of a transaction's message its half message, else 0. */
    public long preparedLogOffset() {
        return preparedLogOffset;
    }

    /**
     * The body as it was sent, expanded if the producer had compressed it.
     *
     * @return the body itself, not a copy
     * @throws ClientException if the body is compressed and damaged, or compressed in a form that this client cannot
     *     read; see {@link #storedBody()}
     */
    public byte[] body() {
        if (unreadable != null) {
            throw new ClientException("the body of message " + messageId() + " cannot be read: " + unreadable);
        }
        if (body == null) {
            throw new ClientException("the body of message " + messageId() + " is compressed with "
                    + BodyCompression.name(sysFlag)
                    + ", and this client reads zlib only: let the producer use zlib, or expand storedBody() yourself");
        }
        return body;
    }

    /**
     * The body as text in UTF-8.
     *
     * @return the text
     * @throws ClientException as {@link #body()}
     */
    public String bodyText() {
        return new String(body(), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Whether {@link #body()} returns the body: it is not compressed, or this client can expand it. */
    public boolean isReadable() {
        return body != null;
    }

    /** The body as it lies on the broker's disk, perhaps compressed; not a copy. */
    public byte[] storedBody() {
        return storedBody;
    }

    /**
     * The id that the producer gave the message, or the broker's if it gave none. It stays the same through retries.
     */
    public String messageId() {
        return properties.getOrDefault(PropertyName.UNIQ_KEY, offsetMessageId);
    }

    /** The id by which the broker finds the message at once: address and log offset in hexadecimal. */
    public String offsetMessageId() {
        return offsetMessageId;
    }

    /** The tag; null if it has none. */
    public @Nullable String tag() {
        return properties.get(PropertyName.TAGS);
    }

    /**
     * The message's keys.
     *
     * @return the words, perhaps none
     */
    public List<String> keys() {
        String keys = properties.get(PropertyName.KEYS);
        return keys == null || keys.isBlank() ? List.of() : List.of(keys.trim().split(" +"));
    }

    /** All properties; unmodifiable. */
    public Map<String, String> properties() {
        return properties;
    }

    /** How often the group has returned this message for a retry: 0 at the first delivery. */
    public int reconsumeTimes() {
        return reconsumeTimes;
    }

    /** When the producer sent it, by its clock: milliseconds since 1970. */
    public long bornMillis() {
        return bornMillis;
    }

    /** When the broker stored it, by its clock: milliseconds since 1970. */
    public long storeMillis() {
        return storeMillis;
    }

    /** The producer's address. */
    public String bornHost() {
        return bornHost;
    }

    /** The address of the broker that stored it first. */
    public String storeHost() {
        return storeHost;
    }

    /** The application's own bits. */
    public int flag() {
        return flag;
    }

    /** The protocol's bits: {@link org.merlinmq.protocol.message.SysFlag}. */
    public int sysFlag() {
        return sysFlag;
    }

    @Override
    public String toString() {
        return "message " + messageId() + " " + queue + " offset " + queueOffset;
    }
}
