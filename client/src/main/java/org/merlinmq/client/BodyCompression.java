package org.merlinmq.client;

import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.message.SysFlag;

/** Bodies that producers compress. Brokers never do, and never look. */
final class BodyCompression {
    /** The sysFlag of a body that this client compressed: with zlib, marked as 5.x does, which 4.x reads too. */
    static final int ZLIB_FLAG = SysFlag.COMPRESSED | 3 << 8;

    private static final int LEVEL = 5;
    private static final int CHUNK_BYTES = 8192;
    /** More than any frame can carry back; a small body that expands beyond is an attack. */
    private static final int MAX_EXPANDED_BYTES = 256 << 20;

    private BodyCompression() {}

    static byte[] compress(byte[] body) {
        Deflater deflater = new Deflater(LEVEL);
        try {
            deflater.setInput(body);
            deflater.finish();
            ByteWriter out = new ByteWriter(Math.max(64, body.length / 2));
            while (!deflater.finished()) {
                int at = out.ensure(CHUNK_BYTES);
                out.advance(deflater.deflate(out.array(), at, CHUNK_BYTES));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    /** The body as it was sent, or null if it is compressed in a way that the JDK cannot read. */
    static byte @Nullable [] expand(byte[] stored, int sysFlag) {
        if ((sysFlag & SysFlag.COMPRESSED) == 0) {
            return stored;
        }
        return name(sysFlag).equals("zlib") ? inflate(stored) : null;
    }

    static String name(int sysFlag) {
        return switch ((sysFlag & SysFlag.COMPRESSION) >> 8) {
            case 0, 3 -> "zlib";
            case 1 -> "LZ4";
            case 2 -> "ZSTD";
            default -> "unknown compression " + ((sysFlag & SysFlag.COMPRESSION) >> 8);
        };
    }

    private static byte[] inflate(byte[] stored) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(stored);
            ByteWriter out = new ByteWriter(stored.length * 3 + 64);
            while (!inflater.finished()) {
                int at = out.ensure(CHUNK_BYTES);
                int n = inflater.inflate(out.array(), at, CHUNK_BYTES);
                if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    throw new ClientException("a compressed body of " + stored.length + " bytes ends too early");
                }
                out.advance(n);
                if (out.length() > MAX_EXPANDED_BYTES) {
                    throw new ClientException("a compressed body of " + stored.length + " bytes expands beyond "
                            + MAX_EXPANDED_BYTES + " bytes");
                }
            }
            return out.toByteArray();
        } catch (DataFormatException damaged) {
            throw new ClientException("a compressed body of " + stored.length + " bytes is damaged", damaged);
        } finally {
            inflater.end();
        }
    }
}
