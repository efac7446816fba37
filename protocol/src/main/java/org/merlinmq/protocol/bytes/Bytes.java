package org.merlinmq.protocol.bytes;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Big-endian access to byte arrays, and the few things hot code does with runs of bytes.
 *
 * <p>Threading: stateless.
 *
 * <p>Errors: an index outside the array throws {@link IndexOutOfBoundsException}.
 */
public final class Bytes {
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long LOW_BITS = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long PHI = 0x9E3779B97F4A7C15L;

    private Bytes() {}

    /**
     * Reads two bytes.
     *
     * @param b the bytes
     * @param at index of the first byte
     * @return the value
     */
    public static short getShort(byte[] b, int at) {
        return (short) SHORTS.get(b, at);
    }

    /**
     * Reads four bytes.
     *
     * @param b the bytes
     * @param at index of the first byte
     * @return the value
     */
    public static int getInt(byte[] b, int at) {
        return (int) INTS.get(b, at);
    }

    /**
     * Reads eight bytes.
     *
     * @param b the bytes
     * @param at index of the first byte
     * @return the value
     */
    public static long getLong(byte[] b, int at) {
        return (long) LONGS.get(b, at);
    }

    /**
     * Writes two bytes.
     *
     * @param b the bytes
     * @param at index of the first byte
     * @param value its low 16 bits are written
     */
    public static void putShort(byte[] b, int at, int value) {
        SHORTS.set(b, at, (short) value);
    }

    /**
     * Writes four bytes.
     *
     * @param b the bytes
     * @param at index of the first byte
     * @param value the value
     */
    public static void putInt(byte[] b, int at, int value) {
        INTS.set(b, at, value);
    }

    /**
     * Writes eight bytes.
     *
     * @param b the bytes
     * @param at index of the first byte
     * @param value the value
     */
    public static void putLong(byte[] b, int at, long value) {
        LONGS.set(b, at, value);
    }

    /**
     * Compares two runs of equal length.
     *
     * @param a one array
     * @param at where its run starts
     * @param b the other array
     * @param bAt where its run starts
     * @param length bytes in each run
     * @return whether all bytes are the same
     */
    public static boolean equals(byte[] a, int at, byte[] b, int bAt, int length) {
        return Arrays.equals(a, at, at + length, b, bAt, bAt + length);
    }

    /**
     * Hashes a run for tables in memory.
     *
     * @param b the bytes
     * @param at where the run starts
     * @param length bytes in the run
     * @return 32 well mixed bits: any of them can choose a slot
     */
    public static int hash(byte[] b, int at, int length) {
        return (int) hash64(b, at, length);
    }

    /**
     * Hashes a run for tables in memory and on disk: the function never changes.
     *
     * @param b the bytes
     * @param at where the run starts
     * @param length bytes in the run
     * @return 64 well mixed bits
     */
    public static long hash64(byte[] b, int at, int length) {
        long h = length * PHI;
        int i = at;
        int end = at + length;
        for (; i <= end - 8; i += 8) {
            h = step(h, (long) WORDS.get(b, i));
        }
        long rest = 0;
        for (int shift = 0; i < end; i++, shift += 8) {
            rest |= (b[i] & 0xFFL) << shift;
        }
        return mix(step(h, rest));
    }

    private static long step(long h, long word) {
        return (Long.rotateLeft(h, 29) ^ mix(word)) * PHI;
    }

    private static long mix(long value) {
        long v = (value ^ (value >>> 33)) * 0xFF51AFD7ED558CCDL;
        v = (v ^ (v >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return v ^ (v >>> 33);
    }

    /**
     * The {@link String#hashCode} of a UTF-8 text, which is what the protocol calls the code of a tag.
     *
     * @param b the bytes
     * @param at where the text starts
     * @param length its bytes
     * @return the hash of the decoded text; no text is made as long as all is ASCII
     */
    public static int javaHash(byte[] b, int at, int length) {
        int h = 0;
        for (int i = at; i < at + length; i++) {
            if (b[i] < 0) {
                return new String(b, at, length, StandardCharsets.UTF_8).hashCode();
            }
            h = 31 * h + b[i];
        }
        return h;
    }

    /**
     * Finds a byte, eight at a time.
     *
     * @param b the bytes
     * @param from where to start
     * @param to where to stop, exclusive
     * @param wanted the byte
     * @return its first index, or {@code to}
     */
    public static int indexOf(byte[] b, int from, int to, int wanted) {
        return indexOfEither(b, from, to, wanted, wanted);
    }

    /**
     * Finds the first of two bytes, eight at a time.
     *
     * @param b the bytes
     * @param from where to start
     * @param to where to stop, exclusive
     * @param one a byte
     * @param other another byte
     * @return the first index that holds one of them, or {@code to}
     */
    public static int indexOfEither(byte[] b, int from, int to, int one, int other) {
        long ones = (one & 0xFFL) * LOW_BITS;
        long others = (other & 0xFFL) * LOW_BITS;
        int i = from;
        for (; i <= to - 8; i += 8) {
            long word = (long) WORDS.get(b, i);
            long hits = zeroBytes(word ^ ones) | zeroBytes(word ^ others);
            if (hits != 0) {
                return i + (Long.numberOfTrailingZeros(hits) >>> 3);
            }
        }
        for (; i < to; i++) {
            if (b[i] == (byte) one || b[i] == (byte) other) {
                return i;
            }
        }
        return Math.max(from, to);
    }

    // Exact for the lowest zero byte of the word, which is the only one that is used.
    private static long zeroBytes(long word) {
        return (word - LOW_BITS) & ~word & HIGH_BITS;
    }

    /**
     * Encodes a text that is known to be ASCII.
     *
     * @param text the text
     * @return one byte a character
     * @throws IllegalArgumentException if a character is not ASCII
     */
    public static byte[] ascii(String text) {
        byte[] bytes = new byte[text.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = text.charAt(i);
            if (c > 127) {
                throw new IllegalArgumentException("not ASCII: " + text);
            }
            bytes[i] = (byte) c;
        }
        return bytes;
    }

    /**
     * Encodes a text.
     *
     * @param text the text
     * @return its UTF-8 bytes
     */
    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Decodes UTF-8; malformed bytes become U+FFFD.
     *
     * @param b the bytes
     * @param at where the text starts
     * @param length its bytes
     * @return the text
     */
    public static String text(byte[] b, int at, int length) {
        return new String(b, at, length, StandardCharsets.UTF_8);
    }

    /**
     * Whether a run holds exactly an ASCII text.
     *
     * @param b the bytes
     * @param at where the run starts
     * @param length bytes in the run
     * @param ascii the text
     * @return whether they are equal; never for a text that is not ASCII
     */
    public static boolean equalsAscii(byte[] b, int at, int length, String ascii) {
        if (length != ascii.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (b[at + i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads a decimal number with an optional sign.
     *
     * @param b the bytes
     * @param at where the text starts
     * @param length its bytes
     * @return the number
     * @throws NumberFormatException if it is empty, has another character, or does not fit
     */
    public static long parseLong(byte[] b, int at, int length) {
        int i = at;
        int end = at + length;
        boolean negative = length > 0 && b[at] == '-';
        if (negative || (length > 0 && b[at] == '+')) {
            i++;
        }
        if (i == end || end - i > 19) {
            return parseOddLong(b, at, length);
        }
        long value = 0;
        for (; i < end; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9) {
                throw notANumber(b, at, length);
            }
            value = value * 10 - digit;
        }
        // Summed downwards, so that the smallest long fits; nineteen digits overflow into the positive.
        if (value > 0 || (!negative && value == Long.MIN_VALUE)) {
            throw notANumber(b, at, length);
        }
        return negative ? value : -value;
    }

    private static long parseOddLong(byte[] b, int at, int length) {
        if (length > 64) {
            throw notANumber(b, at, length);
        }
        return Long.parseLong(new String(b, at, length, StandardCharsets.ISO_8859_1));
    }

    private static NumberFormatException notANumber(byte[] b, int at, int length) {
        return new NumberFormatException("expected a decimal 64-bit number, found \""
                + new String(b, at, Math.min(length, 40), StandardCharsets.ISO_8859_1) + '"');
    }
}
