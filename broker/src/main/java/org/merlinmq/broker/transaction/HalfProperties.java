package org.merlinmq.broker.transaction;

import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.PropertyName;

/**
 * The properties of half messages: those of the message, and where it belongs.
 *
 * <p>Threading: stateless. Nothing is allocated.
 *
 * <p>Source: the half messages that RocketMQ stores.
 */
public final class HalfProperties {
    static final byte[] REAL_TOPIC = Bytes.ascii(PropertyName.REAL_TOPIC);
    static final byte[] REAL_QID = Bytes.ascii(PropertyName.REAL_QID);
    static final byte[] GROUP = Bytes.ascii(PropertyName.PGROUP);
    static final byte[] UNIQ_KEY = Bytes.ascii(PropertyName.UNIQ_KEY);
    private static final byte[] TRANSACTION_ID = Bytes.ascii(PropertyName.TRANSACTION_ID);
    private static final byte[] FIRST_LOG = Bytes.ascii(PropertyName.FIRST_HALF_LOG_OFFSET);
    private static final byte[] FIRST_QUEUE = Bytes.ascii(PropertyName.TRAN_PREPARED_QUEUE_OFFSET);
    private static final byte[] CHECK_TIMES = Bytes.ascii(PropertyName.TRANSACTION_CHECK_TIMES);
    static final byte[] DELAY_AFTER_COMMIT = Bytes.ascii(PropertyName.TRAN_DELAY_MS);
    private static final byte[] OUT = Bytes.ascii(PropertyName.TIMER_OUT_MS);
    private static final byte[] DELAY = Bytes.ascii(PropertyName.DELAY);
    private static final byte[] TIMER = Bytes.ascii("TIMER_");

    /** What a sender cannot say of a half message. A delay is ignored, as clients since 4.6 do before they send. */
    private static final byte[][] OURS = {
        REAL_TOPIC, REAL_QID, TRANSACTION_ID, FIRST_LOG, FIRST_QUEUE, CHECK_TIMES, DELAY
    };

    private static final byte[][] OF_COPIES = {FIRST_LOG, FIRST_QUEUE, CHECK_TIMES};

    private HalfProperties() {}

    /**
     * Writes the properties of a half message.
     *
     * @param b holds those of the message
     * @param at their first byte
     * @param n their size
     * @param topic the message's topic
     * @param queueId its queue
     * @param uniqueKey its unique key; empty if the sender gave none
     * @param out takes them, closed by 0x02
     * @return how many bytes of the message's own are left at their begin: {@code n}, and one if the last 0x02 was missing, if
     *     all are
     */
    public static int write(
            byte[] b, int at, int n, ByteSlice topic, int queueId, ByteSlice uniqueKey, ByteWriter out) {
        int before = out.length();
        copyWithout(OURS, true, b, at, n, out);
        int kept = out.length() - before;
        if (!uniqueKey.isEmpty()) {
            out.put(TRANSACTION_ID).putByte(PropertyBytes.NAME_END);
            out.put(uniqueKey.array(), uniqueKey.at(), uniqueKey.length()).putByte(PropertyBytes.VALUE_END);
        }
        out.put(REAL_TOPIC).putByte(PropertyBytes.NAME_END);
        out.put(topic.array(), topic.at(), topic.length()).putByte(PropertyBytes.VALUE_END);
        number(REAL_QID, queueId, out);
        return kept;
    }

    /** Writes the properties of a half message that takes another one's place. */
    static void writeCopy(byte[] b, int at, int n, long firstLog, long firstQueue, int checks, ByteWriter out) {
        copyWithout(OF_COPIES, false, b, at, n, out);
        number(FIRST_QUEUE, firstQueue, out);
        number(FIRST_LOG, firstLog, out);
        number(CHECK_TIMES, checks, out);
    }

    /** Writes the properties of a half message as a producer that is asked about it sees them. */
    static void writeAsked(byte[] b, int at, int n, int checks, ByteWriter out) {
        copyWithout(OF_COPIES, false, b, at, n, out);
        number(CHECK_TIMES, checks, out);
    }

    private static void number(byte[] name, long value, ByteWriter out) {
        out.put(name).putByte(PropertyBytes.NAME_END).putDecimal(value).putByte(PropertyBytes.VALUE_END);
    }

    private static void copyWithout(byte[][] names, boolean timers, byte[] b, int at, int n, ByteWriter out) {
        int end = at + n;
        for (int item = at; item < end; ) {
            int itemEnd = Bytes.indexOf(b, item, end, PropertyBytes.VALUE_END);
            int nameBytes = Bytes.indexOf(b, item, itemEnd, PropertyBytes.NAME_END) - item;
            boolean dropped = timers && nameBytes > TIMER.length && Bytes.equals(b, item, TIMER, 0, TIMER.length);
            for (byte[] name : names) {
                dropped |= nameBytes == name.length && Bytes.equals(b, item, name, 0, nameBytes);
            }
            if (!dropped && itemEnd > item) {
                out.put(b, item, itemEnd - item).putByte(PropertyBytes.VALUE_END);
            }
            item = itemEnd + 1;
        }
    }

    /** Writes the properties of a committed message that becomes due later. */
    static void writeDue(byte[] b, int at, int n, long dueMillis, ByteWriter out) {
        copyWithout(new byte[][] {OUT}, false, b, at, n, out);
        number(OUT, dueMillis, out);
    }

    /**
     * How long after its commit a message is to be delivered.
     *
     * @param b holds its properties
     * @param at their first byte
     * @param n their size
     * @return milliseconds; 0 for at once, −1 if what stands there is no number
     */
    public static long delayAfterCommit(byte[] b, int at, int n) {
        return PropertyBytes.find(b, at, n, DELAY_AFTER_COMMIT) < 0
                ? 0
                : Math.max(-1, number(b, at, n, DELAY_AFTER_COMMIT));
    }

    /** The number that a property holds; −1 if it holds none. */
    static long number(byte[] b, int at, int n, byte[] name) {
        int value = PropertyBytes.find(b, at, n, name);
        return value < 0 ? -1 : number(b, value, PropertyBytes.valueBytes(b, value, at + n));
    }

    /** The number that a value is; −1 if it is none. */
    static long number(ByteSlice value) {
        return value.isEmpty() ? -1 : number(value.array(), value.at(), value.length());
    }

    private static long number(byte[] b, int value, int valueBytes) {
        try {
            return Bytes.parseLong(b, value, valueBytes);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
