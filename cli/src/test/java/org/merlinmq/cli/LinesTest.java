package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinesTest {
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
        Lines lines = new Lines(new Dribble(input.toByteArray(), random), 1 << 20);
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
    void lineBeyondTheLimitIsNamed() {
        Lines lines = new Lines(new ByteArrayInputStream(new byte[1 << 20]), 100_000);
        assertThatThrownBy(lines::next).isInstanceOf(CommandFailure.class).hasMessageContaining("line 1");
    }

    private static List<String> lines(String text) throws IOException {
        Lines lines = new Lines(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)), 1000);
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
