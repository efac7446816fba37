package org.merlinmq.protocol.bytes;

/**
 * A stretch of somebody's array, set anew for each use, so that a warm slice allocates nothing.
 *
 * <p>Threading: one thread at a time; valid as long as the owner of the array leaves it alone.
 */
public final class ByteSlice {
    private static final byte[] NOTHING = {};

    private byte[] array = NOTHING;
    private int at;
    private int length;

    /** Kept for values that have to be decoded first. */
    private byte[] room = NOTHING;

    /** An empty slice. */
    public ByteSlice() {}

    /**
     * Points at bytes.
     *
     * @param bytes the array
     * @param first the first byte
     * @param count how many
     * @return this
     */
    @SuppressWarnings("ReferenceEquality") // the very same array
    public ByteSlice set(byte[] bytes, int first, int count) {
        // It mostly is the same array as before. Under G1, a reference stored into an old object costs a memory fence.
        if (array != bytes) {
            array = bytes;
        }
        at = first;
        length = count;
        return this;
    }

    /**
     * Points at a copy of its own, that a later {@link #set} of the array's owner does not change.
     *
     * @param from what to copy
     * @return this
     */
    public ByteSlice copyOf(ByteSlice from) {
        byte[] own = room(from.length);
        System.arraycopy(from.array, from.at, own, 0, from.length);
        return set(own, 0, from.length);
    }

    /**
     * Points at all of a text's bytes in UTF-8.
     *
     * @param text the text
     * @return this
     */
    public ByteSlice set(String text) {
        byte[] bytes = Bytes.utf8(text);
        return set(bytes, 0, bytes.length);
    }

    /**
     * An array of the slice's own, to decode a value into before pointing at it.
     *
     * @param bytes room needed
     * @return the array; what an earlier call returned may be the same
     */
    public byte[] room(int bytes) {
        if (room.length < bytes) {
            room = new byte[Math.max(bytes, 2 * room.length)];
        }
        return room;
    }

    /** The live array pointed at. */
    public byte[] array() {
        return array;
    }

    /** Index of the first byte in {@link #array}. */
    public int at() {
        return at;
    }

    /** How many bytes there are. */
    public int length() {
        return length;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return length == 0;
    }

    /** The first byte; 0 if there is none. */
    public byte first() {
        return length == 0 ? 0 : array[at];
    }

    /**
     * Compares.
     *
     * @param bytes what to compare with
     * @return whether these are the same bytes
     */
    public boolean is(byte[] bytes) {
        return length == bytes.length && Bytes.equals(array, at, bytes, 0, length);
    }

    /** The bytes read as UTF-8; makes a text. */
    public String text() {
        return Bytes.text(array, at, length);
    }

    @Override
    public String toString() {
        return text();
    }
}
