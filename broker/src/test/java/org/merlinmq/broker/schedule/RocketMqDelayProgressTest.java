package org.merlinmq.broker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RocketMqDelayProgressTest {
    @Test
    void theWheelCoversWhatItHasEmptied() {
        long day = 86_400_000;
        RocketMqDelayProgress before = new RocketMqDelayProgress(Map.of(3, 7L), 10, 5 * day);
        assertThat(before.coversLevel(3, 6)).isTrue();
        assertThat(before.coversLevel(3, 7)).isFalse();
        assertThat(before.coversLevel(4, 0)).isFalse();
        assertThat(before.coversTimer(9, 4 * day, 5 * day - 1)).isTrue();
        assertThat(before.coversTimer(10, 4 * day, 5 * day - 1)).isFalse();
        assertThat(before.coversTimer(9, 4 * day, 5 * day))
                .as("may be half done")
                .isFalse();
        assertThat(before.coversTimer(9, 4 * day - 120_000, 6 * day))
                .as("put back after a day")
                .isTrue();
        assertThat(before.coversTimer(9, 4 * day, 6 * day))
                .as("not put back yet")
                .isFalse();
        assertThat(before.coversTimer(9, 4 * day - 120_000, 7 * day))
                .as("put back after two days")
                .isFalse();
        assertThat(before.coversTimer(9, 3 * day - 120_000, 6 * day)).isTrue();
    }
}
