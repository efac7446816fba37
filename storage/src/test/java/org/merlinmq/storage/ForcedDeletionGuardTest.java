package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ForcedDeletionGuardTest {
    private final ForcedDeletionGuard guard = new ForcedDeletionGuard();

    /** Goes through a log of 16,000 bytes of which so many wait; returns whether to go on. */
    private boolean gone(long carriedBytes) {
        assertThat(guard.mayGain(0, 16_000, 1_600)).isTrue();
        guard.relocated(carriedBytes);
        guard.deleted(15_999);
        assertThat(guard.mayGain(15_999, 16_000 + carriedBytes, 1_600))
                .as("not all of it yet")
                .isTrue();
        guard.deleted(1);
        return guard.mayGain(16_000, 16_000 + carriedBytes, 1_600);
    }

    @Test
    void whatGainsASixteenthGoesOn() {
        assertThat(gone(14_999)).isTrue();
    }

    @Test
    void whatWentByItsAgeMeanwhileDoesNotCount() {
        assertThat(guard.mayGain(0, 16_000, 1_600)).isTrue();
        guard.relocated(1_000);
        guard.deleted(1_000);
        assertThat(guard.mayGain(16_000, 32_000, 1_600)).isTrue();
    }

    @Test
    void whatGainsLessEndsUntilASixteenthIsDelivered() {
        assertThat(gone(15_000)).isFalse();
        assertThat(guard.mayGain(16_000, 31_000, 1_501)).isFalse();
        assertThat(guard.mayGain(16_000, 31_000, 1_500)).isTrue();
        assertThat(guard.mayGain(16_000, 31_000, 1_500))
                .as("a round of its own")
                .isTrue();
    }

    @Test
    void whatGainsLessEndsUntilTheLogHasGrownByASixteenth() {
        assertThat(gone(16_000)).isFalse();
        assertThat(guard.mayGain(16_000, 33_000, 1_600)).isFalse();
        assertThat(guard.mayGain(16_000, 33_100, 1_600)).isTrue();
    }
}
