package org.merlinmq.protocol.bytes;

import java.nio.charset.StandardCharsets;

/** Writes numbers as decimal digits without making a text first. */
final class Decimal {
    private static final byte[] SMALLEST = Long.toString(Long.MIN_VALUE).getBytes(StandardCharsets.US_ASCII);

    private Decimal() {}

    /** Writes {@code number} at {@code at} and returns how many bytes it took, at most 20. */
    static int put(long number, byte[] to, int at) {
        if (number == Long.MIN_VALUE) {
            System.arraycopy(SMALLEST, 0, to, at, SMALLEST.length);
            return SMALLEST.length;
        }
        int sign = number < 0 ? 1 : 0;
        if (sign == 1) {
            to[at] = '-';
        }
        long rest = Math.abs(number);
        int digits = digits(rest);
        int i = at + sign + digits;
        while (rest > Integer.MAX_VALUE) {
            long tenth = rest / 10;
            to[--i] = (byte) ('0' + (rest - tenth * 10));
            rest = tenth;
        }
        int small = (int) rest;
        do {
            int tenth = small / 10;
            to[--i] = (byte) ('0' + (small - tenth * 10));
            small = tenth;
        } while (small != 0);
        return sign + digits;
    }

    private static int digits(long number) {
        int digits = 1;
        for (long limit = 10; digits < 19 && number >= limit; limit *= 10) {
            digits++;
        }
        return digits;
    }
}
