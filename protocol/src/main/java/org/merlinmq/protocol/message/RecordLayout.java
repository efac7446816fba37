package org.merlinmq.protocol.message;

import org.merlinmq.protocol.bytes.Bytes;

/**
 * Where the fields of a stored message lie. The record is the same on disk and on the wire.
 *
 * <pre>
 *   0 totalSize      4  |  36 sysFlag       4  |  72 reconsumeTimes      4
 *   4 magic          4  |  40 bornMillis    8  |  76 preparedLogOffset   8
 *   8 bodyCrc        4  |  48 bornHost      8  |  84 bodyBytes           4
 *  12 queueId        4  |  56 storeMillis   8  |  88 body                bodyBytes
 *  16 flag           4  |  64 storeHost     8  |     topicBytes          1 (V1) or 2 (V2)
 *  20 queueOffset    8  |                      |     topic               topicBytes
 *  28 logOffset      8  |                      |     propertiesBytes     2
 *                                              |     properties          propertiesBytes
 * </pre>
 *
 * <p>A host is its address and four bytes of port. An IPv6 host takes 20 bytes instead of 8 and moves all that follows;
 * a bit of {@code sysFlag} says so. The constants from {@link #STORE_TIME_AT} on are those of two IPv4 hosts, the
 * methods account for both.
 *
 * <p>Format: docs/formats/record.md.
 */
public final class RecordLayout {
    /** Size of the whole record, these four bytes included. */
    public static final int TOTAL_SIZE_AT = 0;
    /** Which version of the record. */
    public static final int MAGIC_AT = 4;
    /** CRC-32 of the body without its highest bit. */
    public static final int BODY_CRC_AT = 8;
    /** Which queue of the topic. */
    public static final int QUEUE_ID_AT = 12;
    /** The application's own bits. */
    public static final int FLAG_AT = 16;
    /** Position in the queue. */
    public static final int QUEUE_OFFSET_AT = 20;
    /** Position of this record's first byte in the log. */
    public static final int LOG_OFFSET_AT = 28;
    /** Bits of {@link SysFlag}. */
    public static final int SYS_FLAG_AT = 36;
    /** When the producer made the message. */
    public static final int BORN_AT = 40;
    /** The producer's address. */
    public static final int BORN_HOST_AT = 48;
    /** When the broker stored the message. */
    public static final int STORE_TIME_AT = 56;
    /** The broker's address. */
    public static final int STORE_HOST_AT = 64;
    /** How often the message was given back. */
    public static final int RECONSUME_AT = 72;
    /** The half message that this one commits, or the delayed message that this one delivers: see {@link #naming}. */
    public static final int PREPARED_AT = 76;
    /** Size of the body. */
    public static final int BODY_LENGTH_AT = 84;
    /** The body. */
    public static final int BODY_AT = 88;

    /** Magic of a record with one byte of topic length. */
    public static final int MAGIC_V1 = 0xDAA320A7;
    /** Magic of a record with two bytes of topic length. */
    public static final int MAGIC_V2 = 0xDAA320AB;
    /** Magic of the filler at the end of a segment. */
    public static final int MAGIC_BLANK = 0xCBD43194;

    /** Topics longer than this need {@link #MAGIC_V2}, which clients before 5.1 cannot read. */
    public static final int MAX_V1_TOPIC_BYTES = 127;
    /** No topic is longer. */
    public static final int MAX_TOPIC_BYTES = 255;
    /** The properties of one message. */
    public static final int MAX_PROPERTIES_BYTES = Short.MAX_VALUE;

    /** The smallest record: IPv4 hosts, and neither body, topic nor properties. */
    public static final int MIN_BYTES = 91;

    /** No record is named. */
    public static final long NAMES_NONE = -1;

    private static final int IPV6_EXTRA = 12;

    /** Names the record at log offset 0, since a 0 names none. RocketMQ, which ignores the field here, has no such use. */
    private static final long NAMES_FIRST = -1;

    private RecordLayout() {}

    /**
     * How much an IPv6 born host moves what follows it.
     *
     * @param sysFlag the record's bits
     * @return 0 or 12
     */
    public static int bornShift(int sysFlag) {
        return (sysFlag & SysFlag.BORN_HOST_V6) == 0 ? 0 : IPV6_EXTRA;
    }

    /**
     * How much IPv6 hosts move what follows both.
     *
     * @param sysFlag the record's bits
     * @return 0, 12 or 24
     */
    public static int hostShift(int sysFlag) {
        return bornShift(sysFlag) + ((sysFlag & SysFlag.STORE_HOST_V6) == 0 ? 0 : IPV6_EXTRA);
    }

    /**
     * Where the store time lies.
     *
     * @param sysFlag the record's bits
     * @return offset in the record
     */
    public static int storeTimeAt(int sysFlag) {
        return STORE_TIME_AT + bornShift(sysFlag);
    }

    /**
     * Where the store host lies.
     *
     * @param sysFlag the record's bits
     * @return offset in the record
     */
    public static int storeHostAt(int sysFlag) {
        return STORE_HOST_AT + bornShift(sysFlag);
    }

    /**
     * Where the offset of the prepared record lies.
     *
     * @param sysFlag the record's bits
     * @return offset in the record
     */
    public static int preparedAt(int sysFlag) {
        return PREPARED_AT + hostShift(sysFlag);
    }

    /**
     * What to write as the offset of the prepared record to name one.
     *
     * @param logOffset where the record begins that is committed or delivered
     * @return the field's value; never 0
     */
    public static long naming(long logOffset) {
        return logOffset == 0 ? NAMES_FIRST : logOffset;
    }

    /**
     * Which record an offset of the prepared record names.
     *
     * @param prepared the field's value
     * @return where that record begins; {@link #NAMES_NONE} if none is named
     */
    public static long named(long prepared) {
        if (prepared > 0) {
            return prepared;
        }
        return prepared == NAMES_FIRST ? 0 : NAMES_NONE;
    }

    /**
     * Where the body lies.
     *
     * @param sysFlag the record's bits
     * @return offset in the record
     */
    public static int bodyAt(int sysFlag) {
        return BODY_AT + hostShift(sysFlag);
    }

    /**
     * The size of a record.
     *
     * @param sysFlag its bits
     * @param bodyBytes its body
     * @param topicBytes its topic
     * @param propertiesBytes its properties
     * @return bytes; long, so that no sizes overflow it
     */
    public static long recordBytes(int sysFlag, int bodyBytes, int topicBytes, int propertiesBytes) {
        int topicLengthBytes = topicBytes > MAX_V1_TOPIC_BYTES ? 2 : 1;
        return bodyAt(sysFlag) + (long) bodyBytes + topicLengthBytes + topicBytes + 2 + propertiesBytes;
    }

    /**
     * Patches what only the log knows.
     *
     * @param b holds the record
     * @param at its first byte
     * @param queueOffset its position in the queue
     * @param logOffset its position in the log
     * @param storeMillis the time of the append
     */
    public static void place(byte[] b, int at, long queueOffset, long logOffset, long storeMillis) {
        Bytes.putLong(b, at + QUEUE_OFFSET_AT, queueOffset);
        Bytes.putLong(b, at + LOG_OFFSET_AT, logOffset);
        Bytes.putLong(b, at + storeTimeAt(Bytes.getInt(b, at + SYS_FLAG_AT)), storeMillis);
    }
}
