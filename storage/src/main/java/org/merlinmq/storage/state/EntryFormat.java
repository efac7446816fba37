package org.merlinmq.storage.state;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * An entry as it lies in state records and in snapshots. All integers are big-endian.
 *
 * <pre>
 * type 2 | keyBytes 2 | valueBytes 4, -1 if the entry is removed | key | value
 * </pre>
 */
final class EntryFormat {
    static final int HEAD_BYTES = 8;
    static final int REMOVED = -1;

    private EntryFormat() {}

    static void put(ByteWriter out, int type, byte[] key, byte @Nullable [] value) {
        if (type < 0 || type > StateChange.MAX_TYPE || key.length > StateChange.MAX_KEY_BYTES) {
            throw new IllegalArgumentException("a state entry has type 0 to " + StateChange.MAX_TYPE
                    + " and a key of at most " + StateChange.MAX_KEY_BYTES + " bytes, not type " + type + " and "
                    + key.length + " bytes");
        }
        out.putShort(type).putShort(key.length).putInt(value == null ? REMOVED : value.length);
        out.put(key);
        if (value != null) {
            out.put(value);
        }
    }

    /**
     * Hands entries to a visitor.
     *
     * @param in positioned at the first entry; behind the last one when this returns
     * @param count how many entries there are
     * @throws IllegalArgumentException if that many entries do not fit what is there
     */
    static void visit(ByteBuffer in, long count, StateVisitor into) {
        try {
            for (long i = 0; i < count; i++) {
                int type = Short.toUnsignedInt(in.getShort());
                byte[] key = new byte[Short.toUnsignedInt(in.getShort())];
                int valueBytes = in.getInt();
                if (valueBytes < REMOVED || valueBytes > in.remaining() - key.length) {
                    throw new IllegalArgumentException("entry " + i + " of " + count + " claims " + valueBytes
                            + " bytes, " + in.remaining() + " are left");
                }
                in.get(key);
                byte[] value = valueBytes == REMOVED ? null : new byte[valueBytes];
                if (value != null) {
                    in.get(value);
                }
                into.entry(type, key, value);
            }
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("entries end before the last of " + count, e);
        }
    }

    /** How long an entry is that {@link #put} wrote. */
    static int bytesAt(byte[] b, int at) {
        int keyBytes = Short.toUnsignedInt(Bytes.getShort(b, at + 2));
        return HEAD_BYTES + keyBytes + Math.max(0, Bytes.getInt(b, at + 4));
    }

    /** Takes where an entry's key lies. */
    @FunctionalInterface
    interface HeadVisitor {
        void head(int type, int keyAt, int keyBytes, boolean removed);
    }

    /**
     * Walks over entries without copying any; returns where the last one ends.
     *
     * @throws IllegalArgumentException if that many entries do not fit between the two places
     */
    static int heads(byte[] b, int from, int end, int count, HeadVisitor into) {
        int at = from;
        for (int i = 0; i < count; i++) {
            if (end - at < HEAD_BYTES) {
                throw new IllegalArgumentException("entries end before the last of " + count);
            }
            int keyBytes = Short.toUnsignedInt(Bytes.getShort(b, at + 2));
            int valueBytes = Bytes.getInt(b, at + 4);
            long left = end - at - HEAD_BYTES - keyBytes - Math.max(0L, valueBytes);
            if (valueBytes < REMOVED || left < 0) {
                throw new IllegalArgumentException(
                        "entry " + i + " of " + count + " claims " + valueBytes + " bytes, more than are left");
            }
            into.head(Short.toUnsignedInt(Bytes.getShort(b, at)), at + HEAD_BYTES, keyBytes, valueBytes == REMOVED);
            at += HEAD_BYTES + keyBytes + Math.max(0, valueBytes);
        }
        return at;
    }
}
