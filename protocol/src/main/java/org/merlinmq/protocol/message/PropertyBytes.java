package org.merlinmq.protocol.message;

import org.merlinmq.protocol.bytes.Bytes;

/**
 * Finds properties in their bytes: {@code name 0x01 value 0x02 name 0x01 value 0x02 …}, the last 0x02 optional.
 *
 * <p>An item without a name, without a value or without 0x01 does not count; of a name that occurs twice the last does.
 *
 * <p>Threading: stateless. Nothing is allocated.
 */
public final class PropertyBytes {
    /** Stands between name and value. */
    public static final byte NAME_END = 1;

    /** Stands after a value. */
    public static final byte VALUE_END = 2;

    private PropertyBytes() {}

    /**
     * Finds a value.
     *
     * @param b holds the properties
     * @param at their first byte
     * @param n their size
     * @param name the name in UTF-8
     * @return index of the value's first byte, or -1; {@link #valueBytes} has its size
     */
    public static int find(byte[] b, int at, int n, byte[] name) {
        int end = at + n;
        int found = -1;
        for (int item = at; item < end; ) {
            int valueAt = item + name.length + 1;
            int itemEnd = Bytes.indexOf(b, item, end, VALUE_END);
            if (valueAt < itemEnd
                    && b[valueAt - 1] == NAME_END
                    && name.length > 0
                    && Bytes.equals(b, item, name, 0, name.length)) {
                found = valueAt;
            }
            item = itemEnd + 1;
        }
        return found;
    }

    /**
     * The size of a value.
     *
     * @param b holds the properties
     * @param valueAt the value's first byte, from {@link #find}
     * @param end where the properties end
     * @return bytes
     */
    public static int valueBytes(byte[] b, int valueAt, int end) {
        return Bytes.indexOf(b, valueAt, end, VALUE_END) - valueAt;
    }

    /**
     * Whether an item may be appended as it is, or 0x02 must be put before it.
     *
     * @param b holds the properties
     * @param at their first byte
     * @param n their size
     * @return whether they are not empty and do not end with 0x02
     */
    public static boolean lacksEnd(byte[] b, int at, int n) {
        return n > 0 && b[at + n - 1] != VALUE_END;
    }
}
