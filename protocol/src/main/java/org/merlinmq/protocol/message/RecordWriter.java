package org.merlinmq.protocol.message;

import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Encodes records straight into a sink: set the fields, {@link #begin}, append the properties, {@link #end}. Queue
 * offset, log offset and store time stay 0 until {@link RecordLayout#place}.
 *
 * <p>Set fields stay until they are set again, so a writer that serves one connection sets its hosts once.
 *
 * <p>Threading: one thread at a time. Nothing is allocated.
 *
 * <p>Format: {@link RecordLayout}.
 */
public final class RecordWriter {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;
    private static final int PORT_BYTES = 4;

    /** How much two IPv6 hosts move the body. */
    private static final int MAX_HOST_SHIFT = 2 * (IPV6_BYTES - IPV4_BYTES);

    private final BodyCrc crc = new BodyCrc();
    private final byte[] bornHost = new byte[IPV6_BYTES + PORT_BYTES];
    private final byte[] storeHost = new byte[IPV6_BYTES + PORT_BYTES];
    private int bornHostBytes = IPV4_BYTES + PORT_BYTES;
    private int storeHostBytes = IPV4_BYTES + PORT_BYTES;
    private int queueId;
    private int flag;
    private int sysFlag;
    private long bornMillis;
    private int reconsumeTimes;
    private long preparedOffset;

    private int recordAt;
    private int propertiesAt;

    /** Makes a writer with all fields 0. */
    public RecordWriter() {}

    /**
     * Sets the queue.
     *
     * @param id which queue of the topic
     * @return this
     */
    public RecordWriter queueId(int id) {
        queueId = id;
        return this;
    }

    /**
     * Sets the application's bits.
     *
     * @param bits any
     * @return this
     */
    public RecordWriter flag(int bits) {
        flag = bits;
        return this;
    }

    /**
     * Sets the system's bits; those that say how long the hosts are follow from the hosts.
     *
     * @param bits bits of {@link SysFlag}
     * @return this
     */
    public RecordWriter sysFlag(int bits) {
        sysFlag = bits & ~(SysFlag.BORN_HOST_V6 | SysFlag.STORE_HOST_V6);
        return this;
    }

    /**
     * Sets when the producer made the message.
     *
     * @param millis since 1970
     * @return this
     */
    public RecordWriter bornMillis(long millis) {
        bornMillis = millis;
        return this;
    }

    /**
     * Sets the producer's address.
     *
     * @param address 4 or 16 bytes; an IPv4 address in IPv6 clothing is stored as IPv4, for old clients
     * @param port its port
     * @return this
     */
    public RecordWriter bornHost(byte[] address, int port) {
        bornHostBytes = host(bornHost, address, port);
        return this;
    }

    /**
     * Sets the broker's address.
     *
     * @param address 4 or 16 bytes; an IPv4 address in IPv6 clothing is stored as IPv4, for old clients
     * @param port its port
     * @return this
     */
    public RecordWriter storeHost(byte[] address, int port) {
        storeHostBytes = host(storeHost, address, port);
        return this;
    }

    private static int host(byte[] into, byte[] address, int port) {
        boolean mapped = isMappedIpv4(address);
        int bytes = mapped ? IPV4_BYTES : address.length;
        if (bytes != IPV4_BYTES && bytes != IPV6_BYTES) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes);
        }
        System.arraycopy(address, mapped ? IPV6_BYTES - IPV4_BYTES : 0, into, 0, bytes);
        Bytes.putInt(into, bytes, port);
        return bytes + PORT_BYTES;
    }

    private static boolean isMappedIpv4(byte[] address) {
        return address.length == IPV6_BYTES && Bytes.getLong(address, 0) == 0 && Bytes.getInt(address, 8) == 0xFFFF;
    }

    /**
     * Sets how often the message was given back.
     *
     * @param times the count
     * @return this
     */
    public RecordWriter reconsumeTimes(int times) {
        reconsumeTimes = times;
        return this;
    }

    /**
     * Sets the record that this one completes.
     *
     * @param prepared a value of {@link RecordLayout#naming}; 0 for none
     * @return this
     */
    public RecordWriter preparedOffset(long prepared) {
        preparedOffset = prepared;
        return this;
    }

    /**
     * Writes all up to the properties, which the caller then appends to the sink.
     *
     * @param out where to
     * @param body holds the body
     * @param bodyAt its first byte
     * @param bodyBytes its size
     * @param topic holds the topic
     * @param topicAt its first byte
     * @param topicBytes its size, at most {@link RecordLayout#MAX_TOPIC_BYTES}
     * @return where the record starts in the sink
     */
    public int begin(
            ByteWriter out, byte[] body, int bodyAt, int bodyBytes, byte[] topic, int topicAt, int topicBytes) {
        if (topicBytes > RecordLayout.MAX_TOPIC_BYTES) {
            throw new IllegalArgumentException("a topic of " + topicBytes + " bytes fits no record");
        }
        recordAt = out.length();
        boolean longTopic = topicBytes > RecordLayout.MAX_V1_TOPIC_BYTES;
        fixed(out, longTopic ? RecordLayout.MAGIC_V2 : RecordLayout.MAGIC_V1, crc.of(body, bodyAt, bodyBytes));
        out.putInt(bodyBytes).put(body, bodyAt, bodyBytes);
        if (longTopic) {
            out.putShort(topicBytes);
        } else {
            out.putByte(topicBytes);
        }
        out.put(topic, topicAt, topicBytes).putShort(0);
        propertiesAt = out.length();
        return recordAt;
    }

    private void fixed(ByteWriter out, int magic, int bodyCrc) {
        int bornBit = bornHostBytes > IPV6_BYTES ? SysFlag.BORN_HOST_V6 : 0;
        int storeBit = storeHostBytes > IPV6_BYTES ? SysFlag.STORE_HOST_V6 : 0;
        int at = out.ensure(RecordLayout.BODY_AT + MAX_HOST_SHIFT);
        byte[] b = out.array();
        Bytes.putInt(b, at + RecordLayout.TOTAL_SIZE_AT, 0);
        Bytes.putInt(b, at + RecordLayout.MAGIC_AT, magic);
        Bytes.putInt(b, at + RecordLayout.BODY_CRC_AT, bodyCrc);
        Bytes.putInt(b, at + RecordLayout.QUEUE_ID_AT, queueId);
        Bytes.putInt(b, at + RecordLayout.FLAG_AT, flag);
        Bytes.putLong(b, at + RecordLayout.QUEUE_OFFSET_AT, 0);
        Bytes.putLong(b, at + RecordLayout.LOG_OFFSET_AT, 0);
        Bytes.putInt(b, at + RecordLayout.SYS_FLAG_AT, sysFlag | bornBit | storeBit);
        Bytes.putLong(b, at + RecordLayout.BORN_AT, bornMillis);
        System.arraycopy(bornHost, 0, b, at + RecordLayout.BORN_HOST_AT, bornHostBytes);
        int behindBorn = at + RecordLayout.BORN_HOST_AT + bornHostBytes;
        Bytes.putLong(b, behindBorn, 0);
        System.arraycopy(storeHost, 0, b, behindBorn + Long.BYTES, storeHostBytes);
        int behindStore = behindBorn + Long.BYTES + storeHostBytes;
        Bytes.putInt(b, behindStore, reconsumeTimes);
        Bytes.putLong(b, behindStore + Integer.BYTES, preparedOffset);
        out.advance(behindStore + Integer.BYTES + Long.BYTES - at);
    }

    /**
     * Completes the record begun last, whose properties stand at the end of the sink.
     *
     * @param out the same sink
     * @return bytes of the whole record
     * @throws IllegalArgumentException if the properties do not fit; the record is taken out of the sink again
     */
    public int end(ByteWriter out) {
        int propertiesBytes = out.length() - propertiesAt;
        if (propertiesBytes > RecordLayout.MAX_PROPERTIES_BYTES) {
            out.truncate(recordAt);
            throw new IllegalArgumentException("properties of " + propertiesBytes + " bytes fit no record");
        }
        out.setShort(propertiesAt - 2, propertiesBytes);
        int total = out.length() - recordAt;
        out.setInt(recordAt, total);
        return total;
    }
}
