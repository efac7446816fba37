package org.merlinmq.protocol.json;

import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.bytes.Utf8;

/**
 * The inside of a JSON string, as bytes: finding its end, resolving its escapes, writing it.
 *
 * <p>Raw control characters are accepted, as RocketMQ's own parser does. A lone surrogate becomes '?', as in Java's own
 * encoder.
 *
 * <p>Threading: stateless.
 */
public final class JsonText {
    private static final byte[] HEX = Bytes.ascii("0123456789abcdef");

    /** What each byte counts as a hexadecimal digit; below 0 for none. */
    private static final byte[] DIGIT = new byte[256];

    static {
        for (int c = 0; c < DIGIT.length; c++) {
            DIGIT[c] = (byte) (c > 127 ? -1 : Character.digit(c, 16));
        }
    }

    private JsonText() {}

    /**
     * Checks one escape sequence.
     *
     * @param b the bytes
     * @param at index of the backslash
     * @param end where the text ends
     * @return its length in bytes, 2 or 6, or -1 if it is no valid escape
     */
    public static int escapeBytes(byte[] b, int at, int end) {
        if (at + 1 >= end) {
            return -1;
        }
        switch (b[at + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
                return 2;
            case 'u':
                return at + 6 <= end && hex4(b, at + 2) >= 0 ? 6 : -1;
            default:
                return -1;
        }
    }

    /**
     * Copies the inside of a string with its escapes resolved.
     *
     * @param from the bytes
     * @param at where the inside starts
     * @param length its bytes; its escapes are known to be valid
     * @param to where to write
     * @param toAt the first byte
     * @return bytes written, never more than {@code length}
     */
    public static int unescape(byte[] from, int at, int length, byte[] to, int toAt) {
        int end = at + length;
        int out = toAt;
        int i = at;
        while (i < end) {
            int slash = Bytes.indexOf(from, i, end, '\\');
            System.arraycopy(from, i, to, out, slash - i);
            out += slash - i;
            i = slash;
            if (i < end) {
                if (from[i + 1] == 'u') {
                    int codePoint = codePoint(from, i, end);
                    out += Utf8.put(codePoint, to, out);
                    i += codePoint > 0xFFFF ? 12 : 6;
                } else {
                    to[out++] = simple(from[i + 1]);
                    i += 2;
                }
            }
        }
        return out - toAt;
    }

    private static int codePoint(byte[] b, int at, int end) {
        int unit = hex4(b, at + 2);
        if (Character.isHighSurrogate((char) unit) && at + 12 <= end && b[at + 6] == '\\' && b[at + 7] == 'u') {
            int low = hex4(b, at + 8);
            if (low >= 0 && Character.isLowSurrogate((char) low)) {
                return Character.toCodePoint((char) unit, (char) low);
            }
        }
        return unit;
    }

    private static byte simple(byte letter) {
        switch (letter) {
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            default:
                return letter;
        }
    }

    private static int hex4(byte[] b, int at) {
        int first = DIGIT[b[at] & 0xFF];
        int second = DIGIT[b[at + 1] & 0xFF];
        int third = DIGIT[b[at + 2] & 0xFF];
        int fourth = DIGIT[b[at + 3] & 0xFF];
        return (first | second | third | fourth) < 0 ? -1 : first << 12 | second << 8 | third << 4 | fourth;
    }

    /**
     * Writes a text with its quotes.
     *
     * @param out where to
     * @param text the text
     */
    @SuppressWarnings("exports") // for the frame package: applications do not see ByteWriter
    public static void write(ByteWriter out, String text) {
        out.putByte('"');
        int plainFrom = 0;
        int n = text.length();
        for (int i = 0; i < n; i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c == '"' || c == '\\') {
                out.putUtf8(text.substring(plainFrom, i));
                writeEscape(out, c);
                plainFrom = i + 1;
            }
        }
        out.putUtf8(plainFrom == 0 ? text : text.substring(plainFrom));
        out.putByte('"');
    }

    private static void writeEscape(ByteWriter out, char c) {
        out.putByte('\\');
        switch (c) {
            case '"', '\\' -> out.putByte(c);
            case '\n' -> out.putByte('n');
            case '\r' -> out.putByte('r');
            case '\t' -> out.putByte('t');
            default -> out.putAscii("u00").putByte(HEX[c >> 4]).putByte(HEX[c & 15]);
        }
    }
}
