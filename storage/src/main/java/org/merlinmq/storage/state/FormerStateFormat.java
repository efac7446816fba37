package org.merlinmq.storage.state;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Where things stand in the journals and snapshots of version 0.1.0. All integers are big-endian; docs/formats/former-state.md has the
 * pictures.
 *
 * <pre>
 * file:   header 32 | record | record | …
 * header: magic 8 | version 4 | kind 4 | generation 8 | zero 4 | CRC32C 4 of the 28 bytes before
 * record: magic 2 | type 2 | length 4 | CRC32C 4 of generation, type, length and bytes | bytes
 * </pre>
 */
final class FormerStateFormat {

    static final int HEADER_BYTES = 32;
    static final int RECORD_HEAD_BYTES = 12;
    static final int MAX_RECORD_BYTES = 16 << 20;

    /** The type of a snapshot's last record, whose 8 bytes count the others. */
    static final int END_TYPE = 0xFFFF;

    static final int JOURNAL = 1;
    static final int SNAPSHOT = 2;

    private static final long MAGIC = 0x4D45_524C_4E53_544AL; // MERLNSTJ
    private static final int VERSION = 1;
    private static final short RECORD_MAGIC = (short) 0xA5E7;
    private static final int HEADER_CRC_AT = 28;

    private FormerStateFormat() {}

    static byte[] header(int kind, long generation) {
        byte[] header = new byte[HEADER_BYTES];
        ByteBuffer out = ByteBuffer.wrap(header);
        out.putLong(MAGIC).putInt(VERSION).putInt(kind).putLong(generation).putInt(0);
        CRC32C crc = new CRC32C();
        crc.update(header, 0, HEADER_CRC_AT);
        out.putInt((int) crc.getValue());
        return header;
    }

    /** The length of the bytes of a whole, undamaged record at a place; -1 if there is none. */
    static int recordLength(ByteBuffer in, int at, int end, long generation) {
        if (end - at < RECORD_HEAD_BYTES || in.getShort(at) != RECORD_MAGIC) {
            return -1;
        }
        int length = in.getInt(at + 4);
        if (length < 0 || length > MAX_RECORD_BYTES || length > end - at - RECORD_HEAD_BYTES) {
            return -1;
        }
        return crc(generation, in, at, length) == in.getInt(at + 8) ? length : -1;
    }

    static int type(ByteBuffer in, int at) {
        return in.getShort(at + 2) & 0xFFFF;
    }

    private static int crc(long generation, ByteBuffer bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, generation));
        crc.update(bytes.slice(at + 2, 6));
        crc.update(bytes.slice(at + RECORD_HEAD_BYTES, length));
        return (int) crc.getValue();
    }
}
