package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LinePatternTest {
    @Test
    void firstGroupOrWholeMatchIsTaken() {
        assertThat(LinePattern.of("--tag", "\\[(error|notice)\\]").first("[Sun] [error] child"))
                .isEqualTo("error");
        assertThat(LinePattern.of("--key", "blk_-?\\d+").first("block blk_-12 to"))
                .isEqualTo("blk_-12");
        assertThat(LinePattern.of("--key", "blk").first("nothing")).isNull();
    }

    @Test
    void allMatchesAreTakenOnce() {
        assertThat(LinePattern.of("--key", "blk_\\d+").all("blk_1 blk_2 blk_1")).containsExactly("blk_1", "blk_2");
        assertThat(LinePattern.of("--key", "blk_\\d+").all("none")).isEmpty();
    }

    @Test
    void everyLineCanBeSearched() {
        assertThat(LinePattern.text("für".getBytes(StandardCharsets.UTF_8))).isEqualTo("für");
        assertThat(LinePattern.text(new byte[] {(byte) 0xff, 'a'})).isEqualTo("\u00ffa");
    }

    @Test
    void wrongExpressionIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LinePattern.of("--key", "(a"))
                .withMessageContaining("--key")
                .withMessageContaining("(a");
    }
}
