package org.merlinmq.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.testkit.Seeds;

class RecallHandleTest {
    private static String base64(String words) {
        return Base64.getUrlEncoder().encodeToString(words.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theWordsAreThoseOfRocketMq() {
        assertThat(new RecallHandle("TopicX", "broker-a", 1_795_422_312_000L, "0782529D4AD85FFD2B27731A6A9E0000"))
                .hasToString(base64("v1 TopicX broker-a 1795422312001 0782529D4AD85FFD2B27731A6A9E0000"));
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Seeds.forEach(200, random -> {
            String key = Long.toString(random.nextLong(), 36) + "é中".substring(random.nextInt(3));
            RecallHandle handle = new RecallHandle("T" + random.nextInt(), "b", random.nextLong(1L << 46), key);
            assertThat(RecallHandle.read(handle.toString())).isEqualTo(handle);
        });
    }

    @Test
    void whatIsNoHandleIsRefused() {
        for (String wrong : new String[] {
            "",
            "!",
            "abc",
            base64(""),
            base64("v1"),
            base64("v2 T b 5 k"),
            base64("v1 T b 5"),
            base64("v1 T b 5 k more"),
            base64("v1 T b -5 k"),
            base64("v1 T b soon k"),
            base64("v1 T b 9999999999999999999 k"),
            "A".repeat(RecallHandle.MAX_CHARS + 4),
        }) {
            assertThatThrownBy(() -> RecallHandle.read(wrong))
                    .as(wrong)
                    .isInstanceOf(FieldException.class)
                    .hasMessageContaining("recallHandle");
        }
    }
}
