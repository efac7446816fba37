package org.merlinmq.protocol.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.Bytes;

/** What must hold for any bytes that claim to be a frame. */
public final class FrameChecks {
    private FrameChecks() {}

    /**
     * Wraps a header into a frame of right lengths.
     *
     * @param form the header's form
     * @param header anything
     * @return the frame
     */
    public static byte[] withHeader(int form, byte[] header) {
        return RandomFrames.wrap(form, header, new byte[0]);
    }

    /**
     * Scans and decodes; what the scan takes, the codec takes too, and both see the same.
     *
     * @param scan is reused
     * @param bytes anything
     */
    public static void scanAgreesWithCodec(FrameScan scan, byte[] bytes) {
        Frame decoded;
        try {
            decoded = FrameCodec.decode(bytes, 0, bytes.length);
        } catch (MalformedFrameException e) {
            decoded = null;
        }
        try {
            scan.scan(bytes, 0, bytes.length);
        } catch (MalformedFrameException e) {
            return;
        }
        assertThat(decoded).as("the codec must take what the scan takes").isNotNull();
        if (hasDuplicates(scan)) {
            return;
        }
        assertThat(scan.toFrame()).isEqualTo(decoded);
        for (int i = 0; i < scan.fieldCount(); i++) {
            assertThat(scan.text(scan.key(i))).isEqualTo(scan.value(i));
            if (!scan.escaped(i) && scan.valueBytes(i) <= 60) {
                int field = i;
                assertThat(number(() -> scan.longValue(field)))
                        .as("the number in \"%s\"", scan.value(i))
                        .isEqualTo(number(() -> plainNumber(scan.value(field))));
            }
            byte[] copy = new byte[scan.valueBytes(i)];
            assertThat(Bytes.text(copy, 0, scan.copyValue(i, copy, 0))).isEqualTo(scan.value(i));
        }
    }

    private static @Nullable Long number(LongSupplier read) {
        try {
            return read.getAsLong();
        } catch (FieldException | NumberFormatException e) {
            return null;
        }
    }

    private static long plainNumber(String text) {
        if (!text.matches("[+-]?[0-9]+")) { // Java's own parser takes the digits of all scripts
            throw new NumberFormatException(text);
        }
        return Long.parseLong(text);
    }

    // Duplicate keys that differ only in malformed UTF-8 or in being null are seen in another order: leave them out.
    private static boolean hasDuplicates(FrameScan scan) {
        return scan.toFrame().fields().size() != scan.fieldCount();
    }
}
