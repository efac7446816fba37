package org.merlinmq.storage.state;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * One change of the state: entries that are set or removed, all of them or none. It is the body of one record of the log.
 *
 * <p>Entries say what is so now, not what changed: a change that is applied twice does no harm. Of two entries with one
 * type and key the last counts.
 *
 * <p>Threading: one owner at a time.
 *
 * <p>Format: docs/formats/state-record.md.
 *
 * <pre>
 * version 1 = 1 | zero 3 | count 4 | entries, see {@link EntryFormat}
 * </pre>
 */
public final class StateChange {
    /**
     * The one type that storage knows: a topic by its name in UTF-8. Removing it ends the lives of the topic's queues: all
     * records of the topic below that change are dead. All other types are the broker's.
     */
    public static final int TOPIC = 1;

    /** The highest type. */
    public static final int MAX_TYPE = 0xFFFF;

    /** The longest key. */
    public static final int MAX_KEY_BYTES = 0xFFFF;

    private static final int VERSION = 1;
    private static final int COUNT_AT = 4;
    private static final int HEAD_BYTES = 8;

    private final ByteWriter body;
    private final List<String> removedTopics = new ArrayList<>();
    private int count;

    /** A change without entries. */
    public StateChange() {
        this(new ByteWriter(256).putInt(VERSION << 24).putInt(0));
    }

    private StateChange(ByteWriter body) {
        this.body = body;
    }

    /**
     * Sets an entry.
     *
     * @param type 0 to {@link #MAX_TYPE}
     * @param key at most {@link #MAX_KEY_BYTES} bytes
     * @param value any bytes
     * @return this
     */
    public StateChange put(int type, byte[] key, byte[] value) {
        return add(type, key, value);
    }

    /**
     * Removes an entry; one that is not there is no error.
     *
     * @param type 0 to {@link #MAX_TYPE}
     * @param key at most {@link #MAX_KEY_BYTES} bytes
     * @return this
     */
    public StateChange remove(int type, byte[] key) {
        return add(type, key, null);
    }

    private StateChange add(int type, byte[] key, byte @Nullable [] value) {
        EntryFormat.put(body, type, key, value);
        body.setInt(COUNT_AT, ++count);
        if (type == TOPIC && value == null) {
            removedTopics.add(Bytes.text(key, 0, key.length));
        }
        return this;
    }

    /** Whether nothing was set or removed. */
    public boolean isEmpty() {
        return count == 0;
    }

    /** How many bytes the record's body has. */
    public int bytes() {
        return body.length();
    }

    /** The topics whose lives the change ends. */
    public List<String> removedTopics() {
        return removedTopics;
    }

    /**
     * Hands the entries to a visitor.
     *
     * @param into takes them in the order in which they were added
     */
    public void forEach(StateVisitor into) {
        EntryFormat.visit(ByteBuffer.wrap(body.array(), HEAD_BYTES, body.length() - HEAD_BYTES), count, into);
    }

    /** Holds the record's body from its first byte on, {@link #bytes()} long; not to be changed. */
    public byte[] body() {
        return body.array();
    }

    /**
     * Reads the body of a record whose checksum was right.
     *
     * @param b holds the body
     * @param at where it begins
     * @param length its bytes
     * @return the change
     * @throws IllegalArgumentException if it is none
     */
    public static StateChange read(byte[] b, int at, int length) {
        if (length < HEAD_BYTES || b[at] != VERSION) {
            throw new IllegalArgumentException("expected a change of state of version " + VERSION + ", found "
                    + (length == 0 ? "nothing" : "version " + b[at]));
        }
        StateChange change = new StateChange(new ByteWriter(length).put(b, at, length));
        change.count = Bytes.getInt(b, at + COUNT_AT);
        int end = EntryFormat.heads(b, at + HEAD_BYTES, at + length, change.count, (type, keyAt, keyBytes, removed) -> {
            if (type == TOPIC && removed) {
                change.removedTopics.add(Bytes.text(b, keyAt, keyBytes));
            }
        });
        if (end != at + length) {
            throw new IllegalArgumentException((at + length - end) + " bytes are left behind the last entry");
        }
        return change;
    }
}
