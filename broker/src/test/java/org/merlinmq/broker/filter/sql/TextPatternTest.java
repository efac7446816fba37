package org.merlinmq.broker.filter.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.testkit.Seeds;

class TextPatternTest {
    @Test
    void textsAreFoundAsJavaFindsThem() {
        Seeds.forEach(2_000, TextPatternTest::isFound);
    }

    private static void isFound(RandomGenerator random) {
        // Of two letters, so that much almost matches.
        String text = letters(random, random.nextInt(1, 12));
        String value = letters(random, random.nextInt(1, 60));
        byte[] b = Bytes.utf8(text + value + text);
        int at = text.length();
        int length = value.length();
        byte[] wanted = Bytes.utf8(text);
        assertThat(new TextPattern(TextPattern.Place.ANYWHERE, wanted).matches(b, at, length))
                .as("%s in %s", text, value)
                .isEqualTo(value.contains(text));
        assertThat(new TextPattern(TextPattern.Place.START, wanted).matches(b, at, length))
                .isEqualTo(value.startsWith(text));
        assertThat(new TextPattern(TextPattern.Place.END, wanted).matches(b, at, length))
                .isEqualTo(value.endsWith(text));
    }

    private static String letters(RandomGenerator random, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(random.nextBoolean() ? 'a' : 'b');
        }
        return text.toString();
    }
}
