package org.merlinmq.protocol.message;

import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Walks the messages in the body of a batch.
 *
 * <pre>
 *  0           4       8         12     16          20     20+n
 *  | totalSize | magic | bodyCrc | flag | bodyBytes | body | propertiesBytes:16 | properties |
 * </pre>
 *
 * <p>Magic and checksum are 0 and not looked at.
 *
 * <p>Threading: one thread at a time. Nothing is allocated.
 */
public final class BatchScan {
    private static final int FLAG_AT = 12;
    private static final int BODY_BYTES_AT = 16;
    private static final int BODY_AT = 20;
    private static final int MIN_BYTES = 22;

    private byte[] b = new byte[0];
    private int next;
    private int end;
    private int itemAt;
    private int bodyBytes;
    private int propertiesAt;
    private int propertiesBytes;
    private boolean malformed;

    /** Makes a walk over nothing. */
    public BatchScan() {}

    /**
     * Starts a walk.
     *
     * @param bytes holds the batch
     * @param at its first byte
     * @param n its size
     */
    public void on(byte[] bytes, int at, int n) {
        b = bytes;
        next = at;
        end = at + n;
        malformed = false;
    }

    /**
     * Steps to the next message.
     *
     * @return false at the end, and at what is no message; {@link #isMalformed} distinguishes them
     */
    public boolean next() {
        if (next == end || malformed) {
            return false;
        }
        malformed = !step();
        return !malformed;
    }

    private boolean step() {
        int left = end - next;
        if (left < MIN_BYTES) {
            return false;
        }
        int total = Bytes.getInt(b, next);
        int body = Bytes.getInt(b, next + BODY_BYTES_AT);
        if (total < MIN_BYTES || total > left || body < 0 || body > total - MIN_BYTES) {
            return false;
        }
        int properties = Math.max(0, Bytes.getShort(b, next + BODY_AT + body));
        if (properties != total - MIN_BYTES - body) {
            return false;
        }
        itemAt = next;
        bodyBytes = body;
        propertiesAt = next + MIN_BYTES + body;
        propertiesBytes = properties;
        next += total;
        return true;
    }

    /** Whether the walk ended early, at what is no message. */
    public boolean isMalformed() {
        return malformed;
    }

    /** The application's bits. */
    public int flag() {
        return Bytes.getInt(b, itemAt + FLAG_AT);
    }

    /** Index of the body's first byte. */
    public int bodyAt() {
        return itemAt + BODY_AT;
    }

    /** The size of the body in bytes. */
    public int bodyBytes() {
        return bodyBytes;
    }

    /** Index of the properties' first byte. */
    public int propertiesAt() {
        return propertiesAt;
    }

    /** The size of the properties in bytes. */
    public int propertiesBytes() {
        return propertiesBytes;
    }

    /**
     * Counts the messages of a batch.
     *
     * @param bytes holds the batch
     * @param at its first byte
     * @param n its size
     * @return how many, or -1 if the batch is malformed; the walk must be started again
     */
    public int count(byte[] bytes, int at, int n) {
        on(bytes, at, n);
        int count = 0;
        while (next()) {
            count++;
        }
        return malformed ? -1 : count;
    }

    /**
     * Appends one message to a batch.
     *
     * @param out the batch
     * @param flag the application's bits
     * @param body the body
     * @param properties the properties
     */
    public static void append(ByteWriter out, int flag, byte[] body, byte[] properties) {
        if (properties.length > RecordLayout.MAX_PROPERTIES_BYTES) {
            throw new IllegalArgumentException("properties of " + properties.length + " bytes fit no message");
        }
        out.putInt(MIN_BYTES + body.length + properties.length)
                .putInt(0)
                .putInt(0)
                .putInt(flag);
        out.putInt(body.length).put(body).putShort(properties.length).put(properties);
    }
}
