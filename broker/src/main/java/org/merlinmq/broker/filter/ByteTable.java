package org.merlinmq.broker.filter;

import java.util.Arrays;
import java.util.List;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Numbers a fixed set of short byte strings, such as the texts of an expression or the topics of a client, and finds the
 * number of one that stands in a request or record. A look-up allocates nothing.
 *
 * <p>Threading: immutable; any thread.
 */
public final class ByteTable {
    /** The table of nothing. */
    public static final ByteTable EMPTY = new ByteTable(new byte[0][]);

    /** So few are compared one after the other. */
    private static final int FEW = 4;

    private static final int FREE = -1;

    private final byte[][] keys;

    /** Numbers by hash, with linear probing; at most half full. Empty for few keys. */
    private final int[] slots;

    private ByteTable(byte[][] keys) {
        this.keys = keys;
        slots = keys.length <= FEW ? new int[0] : slots(keys);
    }

    private static int[] slots(byte[][] keys) {
        int[] slots = new int[Integer.highestOneBit(keys.length) * 4];
        Arrays.fill(slots, FREE);
        for (int i = 0; i < keys.length; i++) {
            int slot = Bytes.hash(keys[i], 0, keys[i].length) & (slots.length - 1);
            while (slots[slot] != FREE) {
                slot = (slot + 1) & (slots.length - 1);
            }
            slots[slot] = i;
        }
        return slots;
    }

    /**
     * Numbers texts by their place.
     *
     * @param texts the texts, each once; compared by their UTF-8 bytes
     * @return the table
     */
    public static ByteTable of(List<String> texts) {
        return texts.isEmpty()
                ? EMPTY
                : new ByteTable(texts.stream().map(Bytes::utf8).toArray(byte[][]::new));
    }

    /**
     * The number of a byte string.
     *
     * @param b where it stands
     * @param at its first byte
     * @param length its length
     * @return its place in the list that the table was made of; -1 if it is not in there
     */
    public int find(byte[] b, int at, int length) {
        if (slots.length == 0) {
            for (int i = 0; i < keys.length; i++) {
                if (is(i, b, at, length)) {
                    return i;
                }
            }
            return -1;
        }
        int slot = Bytes.hash(b, at, length) & (slots.length - 1);
        while (slots[slot] != FREE) {
            if (is(slots[slot], b, at, length)) {
                return slots[slot];
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        return -1;
    }

    private boolean is(int number, byte[] b, int at, int length) {
        byte[] key = keys[number];
        return key.length == length && Bytes.equals(key, 0, b, at, length);
    }

    /** How many byte strings there are. */
    public int size() {
        return keys.length;
    }

    /**
     * One of the byte strings.
     *
     * @param number its number
     * @return its bytes, not to be changed
     */
    public byte[] key(int number) {
        return keys[number];
    }
}
