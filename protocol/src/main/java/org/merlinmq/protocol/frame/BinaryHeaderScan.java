package org.merlinmq.protocol.frame;

import org.merlinmq.protocol.bytes.Bytes;

/**
 * Scans a binary header.
 *
 * <pre>
 *  0      2          3         5           9      13         17      17+R       21+R
 *  | code | language | version | requestId | flag | remark R | ..... | fields E | (key:16 .. value:32 ..)* |
 * </pre>
 */
final class BinaryHeaderScan {
    private static final int FIXED_BYTES = 21;
    private static final int POP_SHIFT = 196_608;

    private BinaryHeaderScan() {}

    static void scan(FrameScan into, byte[] b, int from, int end) {
        if (end - from < FIXED_BYTES) {
            throw into.malformed(
                    from, "a binary header of at least " + FIXED_BYTES + " bytes", (end - from) + " bytes");
        }
        into.flag = Bytes.getInt(b, from + 9);
        into.code = widenCode(Bytes.getShort(b, from), into.flag);
        into.language = Language.of(b[from + 2]).number();
        into.version = Bytes.getShort(b, from + 3) & 0xFFFF;
        into.requestId = Bytes.getInt(b, from + 5);
        int at = from + 17;
        int remarkBytes = checked(into, b, from + 13, end - 4 - at, "remark");
        if (remarkBytes > 0) {
            into.remarkAt = at;
            into.remarkBytes = remarkBytes;
        }
        at += remarkBytes;
        int fieldsEnd = at + 4 + checked(into, b, at, end - at - 4, "fields");
        scanFields(into, b, at + 4, fieldsEnd);
    }

    // POP requests have codes above 16 bits; what is left of these five means nothing else.
    static int widenCode(int code, int flag) {
        if ((flag & FrameFlag.RESPONSE) == 0) {
            switch (code) {
                case 3442, 3443, 3445, 3446, 3543:
                    return code + POP_SHIFT;
                default:
            }
        }
        return code;
    }

    private static void scanFields(FrameScan into, byte[] b, int from, int end) {
        int at = from;
        while (at < end) {
            if (end - at < 2) {
                throw into.malformed(at, "the length of a key", (end - at) + " bytes");
            }
            int keyBytes = Bytes.getShort(b, at);
            int keyAt = at + 2;
            if (keyBytes < 0 || keyBytes > end - keyAt - 4) {
                throw into.malformed(at, "a key of at most " + (end - keyAt - 4) + " bytes", keyBytes + " bytes");
            }
            int valueAt = keyAt + keyBytes + 4;
            int valueBytes = checked(into, b, valueAt - 4, end - valueAt, "value");
            if (keyBytes > 0 && valueBytes > 0) {
                into.addField(keyAt, keyBytes, valueAt, valueBytes, FrameScan.PLAIN);
            }
            at = valueAt + valueBytes;
        }
    }

    private static int checked(FrameScan into, byte[] b, int at, int max, String what) {
        int bytes = Bytes.getInt(b, at);
        if (bytes < 0 || bytes > max) {
            throw into.malformed(at, "a " + what + " length of 0 to " + max, Integer.toString(bytes));
        }
        return bytes;
    }
}
