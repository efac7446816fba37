package org.merlinmq.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HexTest {
    private static final HexFormat UPPER = HexFormat.of().withUpperCase();

    @Test
    void writesTheDigitsThatTheLibraryWrites() {
        Random random = new Random(7);
        for (int round = 0; round < 10_000; round++) {
            long value = random.nextLong();
            for (int n : new int[] {1, 2, 4, 6, 8}) {
                byte[] to = new byte[20];
                assertThat(Hex.put(value, n, to, 2)).isEqualTo(2 + 2 * n);
                assertThat(new String(to, 2, 2 * n, StandardCharsets.US_ASCII))
                        .isEqualTo(UPPER.toHexDigits(value, 2 * n));
                assertThat(to[2 + 2 * n]).isZero();
            }
        }
    }

    @Test
    void writesBytesInTheirOrder() {
        byte[] host = new byte[16];
        new Random(8).nextBytes(host);
        byte[] to = new byte[32];
        assertThat(Hex.put(host, 0, 16, to, 0)).isEqualTo(32);
        assertThat(new String(to, StandardCharsets.US_ASCII)).isEqualTo(UPPER.formatHex(host));
    }
}
