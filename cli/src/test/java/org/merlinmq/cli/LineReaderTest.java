package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineReaderTest {
    @Test
    void carriageReturnsAndOddBytesAreKept() throws IOException {
        assertThat(lines("a\r\n\u00ff\u0000b\n\nlast")).containsExactly("a\r", "\u00ff\u0000b", "", "last");
        assertThat(lines("")).isEmpty();
        assertThat(lines("\n")).containsExactly("");
        assertThat(lines("one\n")).containsExactly("one");
    }

    @Test
    void anyCutOfTheInputGivesTheSameBytes() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        for (int i = 0; i < 500; i++) {
            byte[] line = new byte[random.nextInt(3000)];
            random.nextBytes(line);
            for (int at = 0; at < line.length; at++) {
                line[at] = line[at] == '\n' ? 0 : line[at];
            }
            input.writeBytes(line);
            input.write('\n');
        }
        LineReader lines = new LineReader(new Dribble(input.toByteArray(), random), 1 << 20);
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            output.writeBytes(line);
            output.write('\n');
        }
        assertThat(output.toByteArray()).as("seed %d", seed).isEqualTo(input.toByteArray());
        assertThat(lines.number()).isEqualTo(500);
        assertThat(lines.bytesRead()).isEqualTo(input.size());
    }

    @Test
    void ofALineBeyondTheLimitOnlyTheLengthIsKept() throws IOException {
        String input = "a\n" + "b".repeat(1 << 20) + "\nc\n" + "d".repeat(100_001);
        LineReader lines =
                new LineReader(new ByteArrayInputStream(input.getBytes(StandardCharsets.ISO_8859_1)), 100_000);
        assertThat(lines.next()).containsExactly('a');
        assertThat(lines.next()).isEmpty();
        assertThat(lines.tooLong()).isEqualTo(1 << 20);
        assertThat(lines.number()).isEqualTo(2);
        assertThat(lines.next()).containsExactly('c');
        assertThat(lines.tooLong()).isZero();
        assertThat(lines.next()).isEmpty();
        assertThat(lines.tooLong()).isEqualTo(100_001);
        assertThat(lines.next()).isNull();
        assertThat(lines.bytesRead()).isEqualTo(input.length());
    }

    private static List<String> lines(String text) throws IOException {
        LineReader lines = new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), 1000);
        List<String> found = new ArrayList<>();
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            found.add(new String(line, StandardCharsets.ISO_8859_1));
        }
        return found;
    }

    /** Gives what it has in pieces of any size. */
    private static final class Dribble extends InputStream {
        private final ByteArrayInputStream rest;
        private final Random random;

        Dribble(byte[] bytes, Random random) {
            this.rest = new ByteArrayInputStream(bytes);
            this.random = random;
        }

        @Override
        public int read() {
            return rest.read();
        }

        @Override
        public int read(byte[] into, int at, int length) {
            return rest.read(into, at, Math.min(length, 1 + random.nextInt(9000)));
        }
    }
}
