package org.merlinmq.protocol.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.testkit.Seeds;

class BytesTest {
    @Test
    void decimalsReadBack() {
        Seeds.forEach(5000, random -> {
            long number = random.nextLong() >> random.nextInt(64);
            ByteWriter out = new ByteWriter(0);
            out.putDecimal(number);
            assertThat(new String(out.toByteArray(), StandardCharsets.US_ASCII)).isEqualTo(Long.toString(number));
            assertThat(Bytes.parseLong(out.array(), 0, out.length())).isEqualTo(number);
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 9, 10, -10, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE})
    void edgesOfDecimalsReadBack(long number) {
        byte[] text = new ByteWriter().putDecimal(number).toByteArray();
        assertThat(Bytes.text(text, 0, text.length)).isEqualTo(Long.toString(number));
        assertThat(Bytes.parseLong(text, 0, text.length)).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "+",
                "1a",
                " 1",
                "9223372036854775808",
                "-9223372036854775809",
                "9999999999999999999",
                "99999999999999999999",
                "1.0"
            })
    void whatIsNoNumberIsRefused(String text) {
        byte[] bytes = Bytes.utf8(text);
        assertThatThrownBy(() -> Bytes.parseLong(bytes, 0, bytes.length)).isInstanceOf(NumberFormatException.class);
    }

    @Test
    void bytesAreFoundAsByAPlainLoop() {
        Seeds.forEach(3000, random -> {
            byte[] bytes = new byte[random.nextInt(40)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 1 + random.nextInt(3));
            }
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);
            int one = 1 + random.nextInt(3);
            int other = random.nextInt(256);
            int expected = from;
            while (expected < to && bytes[expected] != (byte) one && bytes[expected] != (byte) other) {
                expected++;
            }
            assertThat(Bytes.indexOfEither(bytes, from, to, one, other)).isEqualTo(expected);
        });
    }

    @Test
    void textsAreEncodedAsByJava() {
        Seeds.forEach(3000, random -> {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(30); i > 0; i--) {
                switch (random.nextInt(4)) {
                    case 0 -> text.append((char) random.nextInt(0x10000));
                    case 1 -> text.appendCodePoint(random.nextInt(0x110000));
                    default -> text.append((char) random.nextInt(128));
                }
            }
            assertThat(new ByteWriter(1).putUtf8(text.toString()).toByteArray()).isEqualTo(Bytes.utf8(text.toString()));
        });
    }

    @Test
    void hashesDependOnEveryByteAndNotOnThePlace() {
        Seeds.forEach(1000, random -> {
            byte[] bytes = new byte[1 + random.nextInt(40)];
            random.nextBytes(bytes);
            long hash = Bytes.hash64(bytes, 0, bytes.length);
            byte[] moved = new byte[bytes.length + 7];
            System.arraycopy(bytes, 0, moved, 5, bytes.length);
            assertThat(Bytes.hash64(moved, 5, bytes.length)).isEqualTo(hash);
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            assertThat(Bytes.hash64(bytes, 0, bytes.length)).isNotEqualTo(hash);
        });
    }

    @Test
    void hashIsTheSameForever() {
        byte[] bytes = Bytes.ascii("TopicTest#0782529D4AD85FFD2B27731A6A9E0000");
        assertThat(Bytes.hash64(bytes, 0, bytes.length)).isEqualTo(-9006091335032649329L);
    }

    @Test
    void sinkRefusesWhatNoArrayHolds() {
        ByteWriter sink = new ByteWriter(8);
        sink.putInt(1);
        assertThatThrownBy(() -> sink.ensure(Integer.MAX_VALUE)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> sink.truncate(5)).isInstanceOf(IllegalStateException.class);
        sink.truncate(0);
        assertThat(sink.length()).isZero();
    }
}
