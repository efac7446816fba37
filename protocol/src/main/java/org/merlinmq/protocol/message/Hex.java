package org.merlinmq.protocol.message;

import org.merlinmq.protocol.bytes.Bytes;

/** Upper-case hexadecimal, written straight into bytes. */
final class Hex {
    private static final byte[] DIGITS = Bytes.ascii("0123456789ABCDEF");
    private static final long EACH = 0x0101_0101_0101_0101L;

    private Hex() {}

    /** Writes the low {@code n} bytes of a value; returns the index behind their digits. */
    static int put(long value, int n, byte[] to, int at) {
        int i = at;
        int left = n;
        for (; left >= Integer.BYTES; left -= Integer.BYTES) {
            i = word((int) (value >>> (8 * (left - Integer.BYTES))), to, i);
        }
        for (int shift = 8 * left - 4; shift >= 0; shift -= 4) {
            to[i++] = DIGITS[(int) (value >>> shift) & 15];
        }
        return i;
    }

    /** Four bytes at once: message ids are written for each message of a batch. */
    private static int word(int value, byte[] to, int at) {
        // One digit in each byte, the highest first.
        long digits = value & 0xFFFF_FFFFL;
        digits = (digits | (digits << 16)) & 0x0000_FFFF_0000_FFFFL;
        digits = (digits | (digits << 8)) & 0x00FF_00FF_00FF_00FFL;
        digits = (digits | (digits << 4)) & 0x0F0F_0F0F_0F0F_0F0FL;
        // Adding 6 carries into the upper half of the byte from 10 on: those are letters.
        long letters = ((digits + 6 * EACH) >>> 4) & EACH;
        Bytes.putLong(to, at, digits + '0' * EACH + letters * ('A' - '0' - 10));
        return at + 8;
    }

    /** Writes bytes, a multiple of four; returns the index behind their digits. */
    static int put(byte[] from, int fromAt, int n, byte[] to, int at) {
        int i = at;
        for (int k = fromAt; k < fromAt + n; k += Integer.BYTES) {
            i = word(Bytes.getInt(from, k), to, i);
        }
        return i;
    }
}
