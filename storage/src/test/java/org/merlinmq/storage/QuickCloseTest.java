package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.merlinmq.testkit.SimDisk;

/** A close that comes while {@code store-tail} is busy must not wait for its next look at the disk, 10 s away. */
class QuickCloseTest {
    private static final int ROUNDS = 3000;
    private static final Duration SLOW = Duration.ofSeconds(9);

    @Test
    void noCloseWaitsForTheNextLookAtTheDisk() {
        for (int round = 0; round < ROUNDS; round++) {
            Fixture store = new Fixture(new SimDisk());
            for (int spin = 0;
                    spin < round % 50 * 20;
                    spin++) { // closes come at all moments of the thread's first turn
                Thread.onSpinWait();
            }
            store.append("T", 0, "message");
            long begin = System.nanoTime();
            store.storage.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .as("round %d", round)
                    .isLessThan(SLOW);
        }
    }
}
