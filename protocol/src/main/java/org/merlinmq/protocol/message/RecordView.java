package org.merlinmq.protocol.message;

import java.util.Map;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * The reusable view of one record where it lies.
 *
 * <p>Threading: one thread at a time; valid as long as the bytes are left alone.
 *
 * <p>Format: {@link RecordLayout}.
 */
public final class RecordView {
    private final BodyCrc crc = new BodyCrc();
    private byte[] b = new byte[0];
    private int at;
    private int totalBytes;
    private int sysFlag;
    private int hostShift;
    private int bodyBytes;
    private int topicAt;
    private int topicBytes;
    private int propertiesAt;
    private int propertiesBytes;

    /** Makes a view of nothing. */
    public RecordView() {}

    /**
     * Looks at the record that starts at a place.
     *
     * @param bytes holds it
     * @param recordAt its first byte
     * @param available bytes from there on that may be read
     * @return whether a whole record of sound sizes starts there; if not, the view is of no use. The body's checksum is
     *     not looked at
     */
    public boolean on(byte[] bytes, int recordAt, int available) {
        b = bytes;
        at = recordAt;
        if (available < RecordLayout.MIN_BYTES) {
            return false;
        }
        totalBytes = Bytes.getInt(bytes, recordAt);
        int magic = Bytes.getInt(bytes, recordAt + RecordLayout.MAGIC_AT);
        if ((magic != RecordLayout.MAGIC_V1 && magic != RecordLayout.MAGIC_V2)
                || totalBytes < RecordLayout.MIN_BYTES
                || totalBytes > available) {
            return false;
        }
        sysFlag = Bytes.getInt(bytes, recordAt + RecordLayout.SYS_FLAG_AT);
        hostShift = RecordLayout.hostShift(sysFlag);
        return findParts(recordAt + totalBytes, magic == RecordLayout.MAGIC_V2 ? 2 : 1);
    }

    private boolean findParts(int end, int topicLengthBytes) {
        int bodyAt = bodyAt();
        // What must follow the body: the topic's length and the properties' length.
        int slack = end - bodyAt - topicLengthBytes - 2;
        if (slack < 0) {
            return false;
        }
        bodyBytes = Bytes.getInt(b, bodyAt - 4);
        if (bodyBytes < 0 || bodyBytes > slack) {
            return false;
        }
        int lengthAt = bodyAt + bodyBytes;
        topicBytes = topicLengthBytes == 1 ? b[lengthAt] : Bytes.getShort(b, lengthAt);
        if (topicBytes < 0 || topicBytes > slack - bodyBytes) {
            return false;
        }
        topicAt = lengthAt + topicLengthBytes;
        propertiesAt = topicAt + topicBytes + 2;
        propertiesBytes = Math.max(0, Bytes.getShort(b, propertiesAt - 2));
        return propertiesAt + propertiesBytes == end;
    }

    /** Whether the body has the checksum that is stored for it. */
    public boolean bodyCrcMatches() {
        return crc.of(b, bodyAt(), bodyBytes) == Bytes.getInt(b, at + RecordLayout.BODY_CRC_AT);
    }

    /** The live array that the record lies in. */
    public byte[] bytes() {
        return b;
    }

    /** Index of the record's first byte. */
    public int recordAt() {
        return at;
    }

    /** The size of the record in bytes. */
    public int totalBytes() {
        return totalBytes;
    }

    /** Which queue of the topic. */
    public int queueId() {
        return Bytes.getInt(b, at + RecordLayout.QUEUE_ID_AT);
    }

    /** The application's bits. */
    public int flag() {
        return Bytes.getInt(b, at + RecordLayout.FLAG_AT);
    }

    /** Position in the queue; counts messages. */
    public long queueOffset() {
        return Bytes.getLong(b, at + RecordLayout.QUEUE_OFFSET_AT);
    }

    /** Position in the log; counts bytes. */
    public long logOffset() {
        return Bytes.getLong(b, at + RecordLayout.LOG_OFFSET_AT);
    }

    /** Bits of {@link SysFlag}. */
    public int sysFlag() {
        return sysFlag;
    }

    /** When the producer made the message, in milliseconds since 1970. */
    public long bornMillis() {
        return Bytes.getLong(b, at + RecordLayout.BORN_AT);
    }

    /** When the broker stored the message, in milliseconds since 1970. */
    public long storeMillis() {
        return Bytes.getLong(b, at + RecordLayout.storeTimeAt(sysFlag));
    }

    /** How often the message was given back. */
    public int reconsumeTimes() {
        return Bytes.getInt(b, at + RecordLayout.RECONSUME_AT + hostShift);
    }

    /** The field as it stands; {@link RecordLayout#named} gives the record that this one completes. */
    public long preparedOffset() {
        return Bytes.getLong(b, at + RecordLayout.PREPARED_AT + hostShift);
    }

    /** The checksum stored for the body: CRC-32 without its highest bit. */
    public int bodyCrc() {
        return Bytes.getInt(b, at + RecordLayout.BODY_CRC_AT);
    }

    /** Index of the body's first byte. */
    public int bodyAt() {
        return at + RecordLayout.BODY_AT + hostShift;
    }

    /** The size of the body in bytes. */
    public int bodyBytes() {
        return bodyBytes;
    }

    /** Index of the topic's first byte. */
    public int topicAt() {
        return topicAt;
    }

    /** The size of the topic in bytes. */
    public int topicBytes() {
        return topicBytes;
    }

    /** Index of the properties' first byte. */
    public int propertiesAt() {
        return propertiesAt;
    }

    /** The size of the properties in bytes. */
    public int propertiesBytes() {
        return propertiesBytes;
    }

    /** The topic's name; makes a text. */
    public String topic() {
        return Bytes.text(b, topicAt, topicBytes);
    }

    /** The properties in their order; makes texts. */
    public Map<String, String> properties() {
        return MessageProperties.read(b, propertiesAt, propertiesBytes);
    }

    /** Index of the first byte of the producer's address; the port follows in four bytes. */
    public int bornHostAt() {
        return at + RecordLayout.BORN_HOST_AT;
    }

    /** The size of the producer's address without the port: 4 or 16 bytes. */
    public int bornHostBytes() {
        return (sysFlag & SysFlag.BORN_HOST_V6) == 0 ? 4 : 16;
    }

    /** Index of the first byte of the broker's address; the port follows in four bytes. */
    public int storeHostAt() {
        return at + RecordLayout.storeHostAt(sysFlag);
    }

    /** The size of the broker's address without the port: 4 or 16 bytes. */
    public int storeHostBytes() {
        return (sysFlag & SysFlag.STORE_HOST_V6) == 0 ? 4 : 16;
    }

    /** The producer's address, {@code ip:port}, IPv6 in brackets; makes a text. */
    public String bornHost() {
        return HostText.withPort(b, bornHostAt(), bornHostBytes());
    }

    /** The broker's address, {@code ip:port}, IPv6 in brackets; makes a text. */
    public String storeHost() {
        return HostText.withPort(b, storeHostAt(), storeHostBytes());
    }
}
