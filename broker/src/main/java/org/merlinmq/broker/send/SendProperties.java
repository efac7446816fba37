package org.merlinmq.broker.send;

import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.facts.RecordFacts;

/**
 * What the send path must know of a message's properties, found in one pass over their bytes.
 *
 * <p>Threading: one per event loop, reused for each message.
 *
 * <p>Format: {@code name 0x01 value 0x02 …}; an item without 0x01, with an empty name or an empty value does not count;
 * of two with one name the last counts.
 */
final class SendProperties {
    private static final byte NAME_END = 1;
    private static final byte VALUE_END = 2;

    private static final byte[] TAGS = Bytes.ascii("TAGS");
    private static final byte[] KEYS = Bytes.ascii("KEYS");
    private static final byte[] WAIT = Bytes.ascii("WAIT");
    private static final byte[] DELAY = Bytes.ascii("DELAY");
    private static final byte[] POP_CK = Bytes.ascii("POP_CK");
    private static final byte[] CLUSTER = Bytes.ascii("CLUSTER");
    private static final byte[] UNIQ_KEY = Bytes.ascii("UNIQ_KEY");
    private static final byte[] PGROUP = Bytes.ascii("PGROUP");
    private static final byte[] TRAN_MSG = Bytes.ascii("TRAN_MSG");
    private static final byte[] TRACE_ON = Bytes.ascii("TRACE_ON");
    private static final byte[] MSG_REGION = Bytes.ascii("MSG_REGION");
    private static final byte[] TIMER = Bytes.ascii("TIMER_");
    private static final byte[] TRANSIENT = Bytes.ascii("__RMQ.TRANSIENT.");
    /** As long are the names of what says when a half message is checked, and when delivered. */
    private static final int LONG_NAME_BYTES = 20;

    private static final byte[] FALSE = Bytes.ascii("false");
    private static final byte[] TRUE = Bytes.ascii("true");

    int tagsAt;
    int tagsBytes;
    int keysAt;
    int keysBytes;
    int uniqueKeyAt;
    int uniqueKeyBytes;
    int groupAt;
    int groupBytes;
    boolean wait;
    /** DELAY or one of the TIMER_ properties is there: the schedule decides. */
    boolean delayed;
    /** TRAN_MSG=true: a half message. */
    boolean transactional;
    /** A property that must not be stored is there. */
    boolean unstorable;

    /** A long name is there: perhaps one that says when a half message is checked or delivered. */
    boolean longName;

    boolean region;
    boolean trace;
    boolean cluster;
    /** The last item was closed by 0x02, or there is none. */
    boolean terminated;

    private byte[] bytes = {};
    private int first;

    /** Reads the properties in {@code bytes[at, at + count)}; positions found count from {@code at}. */
    @SuppressWarnings("ReferenceEquality") // the very same array
    void scan(byte[] b, int at, int count) {
        reset();
        // Not stored again if it is the same, for the reason in ByteSlice.
        if (bytes != b) {
            bytes = b;
        }
        first = at;
        int end = at + count;
        terminated = count == 0 || b[end - 1] == VALUE_END;
        int item = at;
        while (item < end) {
            int nameEnd = Bytes.indexOfEither(b, item, end, NAME_END, VALUE_END);
            int itemEnd = nameEnd;
            if (nameEnd < end && b[nameEnd] == NAME_END) {
                itemEnd = Bytes.indexOf(b, nameEnd + 1, end, VALUE_END);
                if (nameEnd > item && itemEnd > nameEnd + 1) {
                    property(item, nameEnd - item, nameEnd + 1, itemEnd - nameEnd - 1);
                }
            }
            item = itemEnd + 1;
        }
    }

    /** What the record means that has these properties, but for its delay. */
    void describe(RecordFacts facts, byte[] b, int recordAt, int propertiesAt, long topicHash) {
        facts.begin(b, recordAt, topicHash);
        facts.tag(propertiesAt + tagsAt, tagsBytes);
        facts.uniqueKey(propertiesAt + uniqueKeyAt, uniqueKeyBytes);
        facts.keys(propertiesAt + keysAt, keysBytes);
    }

    /** Whether a message with these properties wants a second look. */
    boolean isRare() {
        return delayed || transactional || unstorable;
    }

    /** Copies the items of the properties read last that may be stored, each closed by 0x02. */
    void copyStorable(byte[] b, int at, int count, ByteWriter to) {
        int end = at + count;
        for (int item = at; item < end; ) {
            int p = item;
            while (p < end && b[p] != VALUE_END) {
                p++;
            }
            if (p > item && !isUnstorable(item, p - item)) {
                to.put(b, item, p - item).putByte(VALUE_END);
            }
            item = p + 1;
        }
    }

    private boolean isUnstorable(int item, int itemBytes) {
        return (startsWith(item, itemBytes, POP_CK) && bytes[item + POP_CK.length] == NAME_END)
                || startsWith(item, itemBytes, TRANSIENT);
    }

    private boolean startsWith(int at, int available, byte[] text) {
        return available > text.length && is(at, text);
    }

    private void reset() {
        tagsBytes = 0;
        keysBytes = 0;
        uniqueKeyAt = 0;
        uniqueKeyBytes = 0;
        groupBytes = 0;
        wait = true;
        delayed = false;
        transactional = false;
        unstorable = false;
        longName = false;
        region = false;
        trace = false;
        cluster = false;
    }

    private void property(int name, int nameBytes, int value, int valueBytes) {
        switch (nameBytes) {
            case 4 -> fourLetters(name, value, valueBytes);
            case 5 -> delayed |= is(name, DELAY);
            case 6 -> sixLetters(name, value, valueBytes);
            case 7 -> cluster |= is(name, CLUSTER);
            case 8 -> eightLetters(name, value, valueBytes);
            case 10 -> region |= is(name, MSG_REGION);
            default -> {
                if (nameBytes > 10) {
                    delayed |= is(name, TIMER);
                    longName |= nameBytes >= LONG_NAME_BYTES;
                    unstorable |= nameBytes > TRANSIENT.length && is(name, TRANSIENT);
                }
            }
        }
    }

    private void fourLetters(int name, int value, int valueBytes) {
        if (is(name, TAGS)) {
            tagsAt = value - first;
            tagsBytes = valueBytes;
        } else if (is(name, KEYS)) {
            keysAt = value - first;
            keysBytes = valueBytes;
        } else if (is(name, WAIT)) {
            wait = !(valueBytes == FALSE.length && is(value, FALSE));
        }
    }

    private void sixLetters(int name, int value, int valueBytes) {
        if (is(name, PGROUP)) {
            groupAt = value - first;
            groupBytes = valueBytes;
        } else {
            unstorable |= is(name, POP_CK);
        }
    }

    private void eightLetters(int name, int value, int valueBytes) {
        if (is(name, UNIQ_KEY)) {
            uniqueKeyAt = value - first;
            uniqueKeyBytes = valueBytes;
        } else if (is(name, TRAN_MSG)) {
            transactional = valueBytes == TRUE.length && is(value, TRUE);
        } else if (is(name, TRACE_ON)) {
            trace = true;
        }
    }

    private boolean is(int at, byte[] text) {
        return Bytes.equals(bytes, at, text, 0, text.length);
    }
}
