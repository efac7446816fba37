package org.merlinmq.protocol.message;

import java.util.zip.CRC32;

/** The checksum of a body, as records carry it. */
final class BodyCrc {
    private static final int WITHOUT_SIGN = 0x7FFFFFFF;

    private final CRC32 crc = new CRC32();

    int of(byte[] b, int at, int n) {
        crc.reset();
        crc.update(b, at, n);
        return (int) crc.getValue() & WITHOUT_SIGN;
    }
}
