package org.merlinmq.protocol.message;

import org.merlinmq.protocol.bytes.Bytes;

/** Upper-case hexadecimal, written straight into bytes. */
final class Hex {
    private static final byte[] DIGITS = Bytes.ascii("0123456789ABCDEF");

    private Hex() {}

    /** Writes the low {@code n} bytes of a value; returns the index behind its digits. */
    static int put(long value, int n, byte[] to, int at) {
        int i = at;
        for (int shift = 8 * n - 4; shift >= 0; shift -= 4) {
            to[i++] = DIGITS[(int) (value >>> shift) & 15];
        }
        return i;
    }

    /** Writes bytes; returns the index behind their digits. */
    static int put(byte[] from, int fromAt, int n, byte[] to, int at) {
        int i = at;
        for (int k = fromAt; k < fromAt + n; k++) {
            i = put(from[k], 1, to, i);
        }
        return i;
    }
}
