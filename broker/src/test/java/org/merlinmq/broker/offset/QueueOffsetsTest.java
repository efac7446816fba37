package org.merlinmq.broker.offset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

/** What happens at the same time is in the concurrency tests: {@code ./build stress -t broker.offset}. */
class QueueOffsetsTest {
    private final QueueOffsets offsets = new QueueOffsets();

    @Test
    void queuesWithoutAnOffsetHaveNone() {
        offsets.set(3, 30);

        assertThat(offsets.get(3)).isEqualTo(30);
        assertThat(offsets.get(2)).isEqualTo(ConsumeProgress.NONE);
        assertThat(offsets.get(-1)).isEqualTo(ConsumeProgress.NONE);
        assertThat(offsets.get(1_000)).isEqualTo(ConsumeProgress.NONE);
        assertThat(offsets.take(1_000)).isEqualTo(ConsumeProgress.NONE);
        assertThat(offsets.length()).isBetween(4, 16);
    }

    @Test
    void whatIsTakenIsGone() {
        offsets.set(9, 90);

        assertThat(offsets.take(9)).isEqualTo(90);
        assertThat(offsets.take(9)).isEqualTo(ConsumeProgress.NONE);
        assertThat(offsets.get(9)).isEqualTo(ConsumeProgress.NONE);
    }

    @Test
    void nothingIsLostWhileRoomIsMade() throws Exception {
        int highest = 2_000;
        CyclicBarrier start = new CyclicBarrier(2);
        CompletableFuture<Void> growing = CompletableFuture.runAsync(() -> {
            await(start);
            for (int queueId = 0; queueId < highest; queueId++) {
                offsets.set(queueId, queueId);
            }
        });
        await(start);
        for (int i = 1; !growing.isDone(); i++) {
            offsets.set(0, highest + i);
            assertThat(offsets.get(0)).isIn((long) highest + i, 0L);
        }
        growing.join();
        offsets.set(0, 0);
        for (int queueId = 0; queueId < highest; queueId++) {
            assertThat(offsets.get(queueId)).isEqualTo(queueId);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
