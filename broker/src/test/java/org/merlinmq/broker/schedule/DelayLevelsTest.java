package org.merlinmq.broker.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DelayLevelsTest {
    @Test
    void theStandardLevelsAreThoseOfRocketMq() {
        assertThat(DelayLevels.STANDARD.max()).isEqualTo(18);
        assertThat(DelayLevels.STANDARD.millis(1)).isEqualTo(1_000);
        assertThat(DelayLevels.STANDARD.millis(3)).isEqualTo(10_000);
        assertThat(DelayLevels.STANDARD.millis(18)).isEqualTo(7_200_000);
    }

    @Test
    void aWordThatIsNoDurationIsNamed() {
        assertThatThrownBy(() -> DelayLevels.parse("1s 5x")).hasMessageContaining("\"5x\"");
        assertThatThrownBy(() -> DelayLevels.parse("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> DelayLevels.parse("0s")).hasMessageContaining("\"0s\"");
    }
}
