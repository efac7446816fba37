package org.merlinmq.protocol.bytes;

/** Encodes single code points as UTF-8. */
public final class Utf8 {
    private Utf8() {}

    /**
     * Writes one code point.
     *
     * @param codePoint the code point; a surrogate is written as '?'
     * @param to where to write
     * @param at the first byte
     * @return bytes written, 1 to 4
     */
    public static int put(int codePoint, byte[] to, int at) {
        if (codePoint < 0x80) {
            to[at] = (byte) codePoint;
            return 1;
        }
        if (codePoint < 0x800) {
            to[at] = (byte) (0xC0 | (codePoint >> 6));
            to[at + 1] = (byte) (0x80 | (codePoint & 0x3F));
            return 2;
        }
        if (codePoint < 0x10000) {
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                to[at] = '?';
                return 1;
            }
            to[at] = (byte) (0xE0 | (codePoint >> 12));
            to[at + 1] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
            to[at + 2] = (byte) (0x80 | (codePoint & 0x3F));
            return 3;
        }
        to[at] = (byte) (0xF0 | (codePoint >> 18));
        to[at + 1] = (byte) (0x80 | ((codePoint >> 12) & 0x3F));
        to[at + 2] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
        to[at + 3] = (byte) (0x80 | (codePoint & 0x3F));
        return 4;
    }
}
