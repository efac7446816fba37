package org.merlinmq.broker.filter.sql;

import java.nio.charset.StandardCharsets;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Reads numbers from the bytes of texts, as Java reads them from strings. Ordinary ones cost no allocation; a text is made
 * for digits beyond ASCII, and for decimal numbers of more than 15 digits or with an exponent.
 *
 * <p>Threading: stateless.
 */
final class NumberText {
    /** In place of a number that does not fit the type, or of none. */
    static final long NO_INT = Long.MIN_VALUE;

    /** Powers of ten that a double holds exactly, as it does whole numbers of up to 15 digits. */
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private static final int EXACT_DIGITS = 15;

    private NumberText() {}

    /** A whole number of 32 bits as {@link Integer#valueOf(String)} reads it, or {@link #NO_INT}. */
    static long readInt(byte[] b, int at, int length) {
        int end = at + length;
        int i = at;
        boolean negative = b[i] == '-';
        if (negative || b[i] == '+') {
            i++;
        }
        if (i == end) {
            return NO_INT;
        }
        long value = 0;
        for (; i < end; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9) {
                return b[i] < 0 ? oddInt(b, at, length) : NO_INT;
            }
            value = value * 10 + digit;
            if (value > Integer.MAX_VALUE + 1L) {
                return NO_INT;
            }
        }
        value = negative ? -value : value;
        return value == (int) value ? value : NO_INT;
    }

    private static long oddInt(byte[] b, int at, int length) {
        try {
            return Integer.parseInt(Bytes.text(b, at, length));
        } catch (NumberFormatException none) {
            return NO_INT;
        }
    }

    /**
     * Compares a whole number of 64 bits, as {@link Long#valueOf(String)} reads it, with another.
     *
     * @return its sign of difference; {@link Comparison#NONE} if it is no such number
     */
    static int compareLong(byte[] b, int at, int length, long with) {
        int end = at + length;
        int i = at;
        boolean negative = b[i] == '-';
        if (negative || b[i] == '+') {
            i++;
        }
        if (i == end) {
            return Comparison.NONE;
        }
        // Summed downwards, so that the smallest number fits.
        long value = 0;
        long least = negative ? Long.MIN_VALUE : -Long.MAX_VALUE;
        for (; i < end; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9) {
                return b[i] < 0 ? compareOddLong(b, at, length, with) : Comparison.NONE;
            }
            if (value < Long.MIN_VALUE / 10 || value * 10 < least + digit) {
                return Comparison.NONE;
            }
            value = value * 10 - digit;
        }
        return Long.compare(negative ? value : -value, with);
    }

    private static int compareOddLong(byte[] b, int at, int length, long with) {
        try {
            return Long.compare(Long.parseLong(Bytes.text(b, at, length)), with);
        } catch (NumberFormatException none) {
            return Comparison.NONE;
        }
    }

    /**
     * Whether {@link #readDouble} may be called: whether {@link Double#valueOf(String)} takes the text, but that it may
     * refuse one that begins like a hexadecimal number.
     */
    static boolean isDouble(byte[] b, int at, int length) {
        int end = at + length;
        int i = at;
        while (i < end && b[i] >= 0 && b[i] <= ' ') {
            i++;
        }
        while (end > i && b[end - 1] >= 0 && b[end - 1] <= ' ') {
            end--;
        }
        if (i < end && (b[i] == '-' || b[i] == '+')) {
            i++;
        }
        int count = end - i;
        if (Bytes.equalsAscii(b, i, count, "NaN") || Bytes.equalsAscii(b, i, count, "Infinity")) {
            return true;
        }
        if (count > 1 && b[i] == '0' && (b[i + 1] | 0x20) == 'x') {
            return isHexDouble(b, at, length);
        }
        return isDecimal(b, i, end);
    }

    private static boolean isDecimal(byte[] b, int from, int to) {
        int whole = digitsEnd(b, from, to);
        int i = whole;
        int digits = whole - from;
        if (i < to && b[i] == '.') {
            i = digitsEnd(b, whole + 1, to);
            digits += i - whole - 1;
        }
        if (digits == 0) {
            return false;
        }
        if (i < to && (b[i] | 0x20) == 'e') {
            int exponent = i + 1;
            if (exponent < to && (b[exponent] == '-' || b[exponent] == '+')) {
                exponent++;
            }
            i = digitsEnd(b, exponent, to);
            if (i == exponent) {
                return false;
            }
        }
        if (i < to && ((b[i] | 0x20) == 'f' || (b[i] | 0x20) == 'd')) {
            i++;
        }
        return i == to;
    }

    private static int digitsEnd(byte[] b, int from, int to) {
        int i = from;
        while (i < to && b[i] >= '0' && b[i] <= '9') {
            i++;
        }
        return i;
    }

    private static boolean isHexDouble(byte[] b, int at, int length) {
        try {
            return !Double.isNaN(oddDouble(b, at, length));
        } catch (NumberFormatException none) {
            return false;
        }
    }

    /** A decimal number as {@link Double#valueOf(String)} reads it, of a text for which {@link #isDouble} is true. */
    static double readDouble(byte[] b, int at, int length) {
        int end = at + length;
        int i = at;
        boolean negative = b[i] == '-';
        if (negative || b[i] == '+') {
            i++;
        }
        long value = 0;
        int digits = 0;
        int pointAt = end;
        for (; i < end; i++) {
            if (b[i] == '.') {
                pointAt = i + 1;
                continue;
            }
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9 || ++digits > EXACT_DIGITS) {
                return oddDouble(b, at, length);
            }
            value = value * 10 + digit;
        }
        // Both are exact, so the quotient is rounded once, and rightly.
        double number = value / POWERS[end - pointAt];
        return negative ? -number : number;
    }

    private static double oddDouble(byte[] b, int at, int length) {
        return Double.parseDouble(new String(b, at, length, StandardCharsets.UTF_8));
    }
}
