package org.merlinmq.protocol.bytes;

import java.util.Arrays;

/**
 * A byte array that grows at its end. It is cleared and used again, so a warm writer allocates nothing.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: growth beyond 2 GiB throws {@link IllegalStateException}.
 */
public final class ByteWriter {
    private static final int MAX_BYTES = Integer.MAX_VALUE - 16;
    private static final int LONGEST_DECIMAL = 20;

    private byte[] array;
    private int length;

    /** Makes a small writer. */
    public ByteWriter() {
        this(512);
    }

    /**
     * Makes a writer with room.
     *
     * @param bytes room before the first growth
     */
    public ByteWriter(int bytes) {
        array = new byte[bytes];
    }

    /** The live array of the bytes written so far, with slack behind them; the next write may replace it. */
    public byte[] array() {
        return array;
    }

    /** How many bytes are written, which is also the index of the next write. */
    public int length() {
        return length;
    }

    /** Forgets what was written and keeps the room. */
    public void clear() {
        length = 0;
    }

    /**
     * Forgets the end.
     *
     * @param newLength bytes to keep
     */
    public void truncate(int newLength) {
        if (newLength < 0 || newLength > length) {
            throw new IllegalStateException("cannot truncate " + length + " bytes to " + newLength);
        }
        length = newLength;
    }

    /**
     * Makes room for direct writes to {@link #array}.
     *
     * @param more bytes wanted behind the end
     * @return the length, where the caller may write; {@link #advance} then claims it
     */
    public int ensure(int more) {
        if (array.length - length < more) {
            grow(more);
        }
        return length;
    }

    private void grow(int more) {
        long wanted = (long) length + more;
        if (more < 0 || wanted > MAX_BYTES) {
            throw new IllegalStateException("a writer of " + length + " bytes cannot take " + more + " more");
        }
        array = Arrays.copyOf(array, (int) Math.min(MAX_BYTES, Math.max(wanted, 2L * array.length)));
    }

    /**
     * Claims bytes that were written into {@link #array} directly.
     *
     * @param n how many
     */
    public void advance(int n) {
        assert n >= 0 && n <= array.length - length;
        length += n;
    }

    /**
     * Appends one byte.
     *
     * @param value its low 8 bits
     * @return this
     */
    public ByteWriter putByte(int value) {
        int at = ensureFirst(1);
        array[at] = (byte) value;
        return this;
    }

    /**
     * Appends two bytes.
     *
     * @param value its low 16 bits
     * @return this
     */
    public ByteWriter putShort(int value) {
        int at = ensureFirst(2);
        Bytes.putShort(array, at, value);
        return this;
    }

    /**
     * Appends four bytes.
     *
     * @param value the value
     * @return this
     */
    public ByteWriter putInt(int value) {
        int at = ensureFirst(4);
        Bytes.putInt(array, at, value);
        return this;
    }

    /**
     * Appends eight bytes.
     *
     * @param value the value
     * @return this
     */
    public ByteWriter putLong(long value) {
        int at = ensureFirst(8);
        Bytes.putLong(array, at, value);
        return this;
    }

    private int ensureFirst(int n) {
        int at = ensure(n);
        length = at + n;
        return at;
    }

    /**
     * Appends bytes.
     *
     * @param bytes all of them
     * @return this
     */
    public ByteWriter put(byte[] bytes) {
        return put(bytes, 0, bytes.length);
    }

    /**
     * Appends a run of bytes.
     *
     * @param bytes where they are
     * @param at the first
     * @param n how many
     * @return this
     */
    public ByteWriter put(byte[] bytes, int at, int n) {
        int to = ensure(n);
        System.arraycopy(bytes, at, array, to, n);
        length = to + n;
        return this;
    }

    /**
     * Appends a text that is known to be ASCII.
     *
     * @param text the text; of other characters the low 8 bits are written
     * @return this
     */
    public ByteWriter putAscii(String text) {
        int n = text.length();
        int at = ensure(n);
        for (int i = 0; i < n; i++) {
            array[at + i] = (byte) text.charAt(i);
        }
        length = at + n;
        return this;
    }

    /**
     * Appends a text as UTF-8; a lone surrogate becomes '?'.
     *
     * @param text the text
     * @return this
     */
    public ByteWriter putUtf8(String text) {
        int n = text.length();
        int at = ensure(n);
        for (int i = 0; i < n; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                length = at + i;
                return putWideUtf8(text, i);
            }
            array[at + i] = (byte) c;
        }
        length = at + n;
        return this;
    }

    private ByteWriter putWideUtf8(String text, int from) {
        int n = text.length();
        ensure(Math.multiplyExact(3, n - from));
        int i = from;
        while (i < n) {
            int codePoint = text.codePointAt(i);
            length += Utf8.put(codePoint, array, length);
            i += Character.charCount(codePoint);
        }
        return this;
    }

    /**
     * Appends a number in decimal digits.
     *
     * @param value the number
     * @return this
     */
    public ByteWriter putDecimal(long value) {
        ensure(LONGEST_DECIMAL);
        length += Decimal.put(value, array, length);
        return this;
    }

    /**
     * Overwrites four bytes written earlier.
     *
     * @param at where
     * @param value the value
     */
    public void setInt(int at, int value) {
        assert at + 4 <= length;
        Bytes.putInt(array, at, value);
    }

    /**
     * Overwrites two bytes written earlier.
     *
     * @param at where
     * @param value its low 16 bits
     */
    public void setShort(int at, int value) {
        assert at + 2 <= length;
        Bytes.putShort(array, at, value);
    }

    /** A new array of exactly {@link #length} bytes. */
    public byte[] toByteArray() {
        return Arrays.copyOf(array, length);
    }
}
