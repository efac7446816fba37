package org.merlinmq.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MessageTest {
    @Test
    void eachChangeIsACopy() {
        Message plain = Message.of("T", "body");
        Message rich = plain.withTag("a").withKeys("k1", "k2").withDelay(Duration.ofMillis(1500));
        assertThat(plain.properties()).isEmpty();
        assertThat(rich.properties())
                .containsEntry("TAGS", "a")
                .containsEntry("KEYS", "k1 k2")
                .containsEntry("TIMER_DELAY_MS", "1500");
        assertThat(rich.body()).isSameAs(plain.body());
    }

    @Test
    void whatNoPropertyCanCarryIsRefused() {
        assertThatThrownBy(() -> Message.of("T", "b").withProperty("a", "x\u0001y"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("position 1");
    }

    @Test
    void bodiesSurviveCompression() {
        byte[] body = "again and again ".repeat(1000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] small = BodyCompression.compress(body);
        assertThat(small.length).isLessThan(body.length / 10);
        assertThat(BodyCompression.expand(small, BodyCompression.ZLIB_FLAG)).isEqualTo(body);
        assertThat(BodyCompression.expand(small, 1)).isEqualTo(body);
        assertThat(BodyCompression.expand(small, 1 | 1 << 8)).isNull();
        assertThat(BodyCompression.name(1 | 2 << 8)).isEqualTo("ZSTD");
    }

    @Test
    void damagedCompressionIsSaid() {
        byte[] small = BodyCompression.compress(new byte[5000]);
        assertThatThrownBy(() -> BodyCompression.expand(java.util.Arrays.copyOf(small, small.length / 2), 1))
                .isInstanceOf(ClientException.class)
                .hasMessageContaining("too early");
        small[3] ^= 0x55;
        assertThatThrownBy(() -> BodyCompression.expand(small, 1)).isInstanceOf(ClientException.class);
    }

    @Test
    void tagFiltersAreStarOrTagsWithBars() {
        assertThat(TagFilter.of("*").tags()).isEmpty();
        assertThat(TagFilter.of("").expression()).isEqualTo("*");
        assertThat(TagFilter.of("a||b || c").tags()).containsExactly("a", "b", "c");
        assertThatThrownBy(() -> TagFilter.of("||")).isInstanceOf(IllegalArgumentException.class);
    }
}
