package org.merlinmq.broker.filter;

import java.util.List;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;

/**
 * The names of the properties that a filter looks at, numbered by their place, to be found where a property begins.
 *
 * <p>Most properties of a message are none of them. Where there are few names, the first eight bytes of a property are
 * compared with each, as one word: so far as the name reaches, and the byte behind it.
 *
 * <pre>
 *   name      s  i  z  e  01
 *   mask      FF FF FF FF FF 00 00 00
 *   property  s  i  z  e  01 4  2  02 ...
 * </pre>
 *
 * <p>Threading: immutable; any thread.
 */
public final class PropertyNames {
    /** So few are compared one after the other; of more, the one is found by its hash. */
    private static final int FEW = 8;

    private final ByteTable names;
    private final long[] heads;
    private final long[] masks;

    /**
     * Numbers names by their place.
     *
     * @param names the names, each once, none empty
     */
    public PropertyNames(List<String> names) {
        this.names = ByteTable.of(names);
        int few = names.size() <= FEW ? names.size() : 0;
        heads = new long[few];
        masks = new long[few];
        for (int i = 0; i < few; i++) {
            byte[] head = new byte[Long.BYTES];
            byte[] name = key(i);
            int length = Math.min(name.length, head.length);
            System.arraycopy(name, 0, head, 0, length);
            if (length < head.length) {
                head[length] = PropertyBytes.NAME_END;
            }
            heads[i] = Bytes.getLong(head, 0);
            masks[i] = length < head.length ? -1L << (Byte.SIZE * (head.length - 1 - length)) : -1L;
        }
    }

    /** How many names there are. */
    public int size() {
        return names.size();
    }

    /**
     * One of the names.
     *
     * @param number its number
     * @return its bytes, not to be changed
     */
    public byte[] key(int number) {
        return names.key(number);
    }

    /**
     * Finds the name of a property.
     *
     * @param b holds the properties
     * @param item where the property begins
     * @param end where all properties end
     * @return the number of its name; -1 if it is none of these, or no name
     */
    int find(byte[] b, int item, int end) {
        if (heads.length == 0 || b.length - item < Long.BYTES) {
            return findByHash(b, item, end);
        }
        long word = Bytes.getLong(b, item);
        for (int i = 0; i < heads.length; i++) {
            if ((word & masks[i]) == heads[i] && isRest(key(i), b, item, end)) {
                return i;
            }
        }
        return -1;
    }

    /** Whether a name of which the word is the beginning is there to its end, within the properties. */
    private static boolean isRest(byte[] name, byte[] b, int item, int end) {
        int nameEnd = item + name.length;
        int more = name.length - Long.BYTES;
        return nameEnd < end
                && (more < 0
                        || (b[nameEnd] == PropertyBytes.NAME_END
                                && Bytes.equals(name, Long.BYTES, b, item + Long.BYTES, more)));
    }

    private int findByHash(byte[] b, int item, int end) {
        int nameEnd = Bytes.indexOfEither(b, item, end, PropertyBytes.NAME_END, PropertyBytes.VALUE_END);
        return nameEnd < end && b[nameEnd] == PropertyBytes.NAME_END ? names.find(b, item, nameEnd - item) : -1;
    }
}
