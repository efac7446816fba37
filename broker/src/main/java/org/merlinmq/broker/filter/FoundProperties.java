package org.merlinmq.broker.filter;

import java.util.Arrays;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.RecordView;

/**
 * Where the properties that a filter names lie in one record. Filled anew for each record and made once, so that looking at
 * a message allocates nothing.
 *
 * <p>Threading: one thread at a time; valid as long as the record's bytes are left alone.
 *
 * <p>Format: {@link PropertyBytes}; of a name that occurs twice the last counts.
 */
public final class FoundProperties {
    private static final int MISSING = -1;

    private byte[] bytes = new byte[0];
    private int[] at = new int[8];
    private int[] length = new int[8];

    /** Room for the properties of any filter. */
    public FoundProperties() {}

    /**
     * Finds all named properties in one pass.
     *
     * @param record the record
     * @param names the names
     */
    public void find(RecordView record, PropertyNames names) {
        find(record.bytes(), record.propertiesAt(), record.propertiesBytes(), names);
    }

    /**
     * Finds all named properties in one pass.
     *
     * @param b holds the properties
     * @param from their first byte
     * @param count their size
     * @param names the names
     */
    public void find(byte[] b, int from, int count, PropertyNames names) {
        int wanted = names.size();
        if (at.length < wanted) {
            at = new int[2 * wanted];
            length = new int[2 * wanted];
        }
        Arrays.fill(at, 0, wanted, MISSING);
        bytes = b;
        int end = from + count;
        for (int item = from; item < end; ) {
            int number = names.find(b, item, end);
            int value = number < 0 ? item : item + names.key(number).length + 1;
            int itemEnd = Bytes.indexOf(b, value, end, PropertyBytes.VALUE_END);
            if (number >= 0 && value < itemEnd) {
                at[number] = value;
                length[number] = itemEnd - value;
            }
            item = itemEnd + 1;
        }
    }

    /**
     * Whether the record has a property.
     *
     * @param number the number of its name
     * @return whether it is there, with a value
     */
    public boolean has(int number) {
        return at[number] != MISSING;
    }

    /** The array that the values lie in. */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * Where a value begins.
     *
     * @param number the number of a property that is there
     * @return its first byte in {@link #bytes}
     */
    public int at(int number) {
        return at[number];
    }

    /**
     * How long a value is.
     *
     * @param number the number of a property that is there
     * @return bytes, at least 1
     */
    public int length(int number) {
        return length[number];
    }
}
