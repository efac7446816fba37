package org.merlinmq.broker.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.MessageQueueId;

class QueueLocksTest {
    private static final MessageQueueId Q0 = new MessageQueueId("T", "b", 0);
    private static final MessageQueueId Q1 = new MessageQueueId("T", "b", 1);
    private final AtomicLong now = new AtomicLong(1_000);
    private final QueueLocks locks = new QueueLocks(now::get);

    @Test
    void aQueueIsHeldByTheFirstToAskAndNobodyElse() {
        assertThat(locks.lock("G", "a", List.of(Q0))).containsExactly(Q0);
        assertThat(locks.lock("G", "b", List.of(Q0, Q1))).containsExactly(Q1);
        assertThat(locks.lock("H", "b", List.of(Q0))).as("another group").containsExactly(Q0);
        assertThat(locks.owner("G", Q0)).isEqualTo("a");
    }

    @Test
    void theOwnerRenewsAndAnExpiredLeaseIsTakenOver() {
        locks.lock("G", "a", List.of(Q0));
        now.addAndGet(59_999);
        assertThat(locks.lock("G", "a", List.of(Q0))).containsExactly(Q0);
        now.addAndGet(59_999);
        assertThat(locks.lock("G", "b", List.of(Q0))).isEmpty();
        assertThat(locks.owner("G", Q0)).isNotNull();
        now.addAndGet(1);
        assertThat(locks.owner("G", Q0)).isNull();
        assertThat(locks.holdsAny("G")).isFalse();
        assertThat(locks.lock("G", "b", List.of(Q0))).containsExactly(Q0);
        assertThat(locks.lock("G", "a", List.of(Q0))).isEmpty();
    }

    @Test
    void leasesThatRanOutAreForgottenThoughNobodyAsksAgain() {
        locks.lock("G", "a", List.of(Q0));
        now.addAndGet(30_000);
        locks.lock("H", "a", List.of(Q0));
        now.addAndGet(30_000);
        assertThat(locks.expire()).as("H holds one").isTrue();
        assertThat(locks.toString()).isEqualTo("[H]");
        now.addAndGet(30_000);
        assertThat(locks.expire()).isFalse();
        assertThat(locks.toString()).isEqualTo("[]");
    }

    @Test
    void onlyTheOwnerGivesAQueueBack() {
        locks.lock("G", "a", List.of(Q0));
        locks.unlock("G", "b", List.of(Q0));
        assertThat(locks.owner("G", Q0)).isNotNull();
        locks.unlock("G", "a", List.of(Q0, Q1));
        assertThat(locks.owner("G", Q0)).isNull();
    }
}
