package org.merlinmq.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.MessageQueueId;

class AverageAllocationTest {
    private static List<MessageQueueId> queues(int count) {
        List<MessageQueueId> queues = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            queues.add(new MessageQueueId("T", "b", i));
        }
        return queues;
    }

    private static List<Integer> share(int queues, int member, int members) {
        List<String> all = new ArrayList<>();
        for (int i = members - 1; i >= 0; i--) {
            all.add("c" + i);
        }
        return AverageAllocation.of(queues(queues), all, "c" + member).stream()
                .map(MessageQueueId::queueId)
                .toList();
    }

    @Test
    void theFirstMembersGetTheLongerRuns() {
        assertThat(share(8, 0, 3)).containsExactly(0, 1, 2);
        assertThat(share(8, 1, 3)).containsExactly(3, 4, 5);
        assertThat(share(8, 2, 3)).containsExactly(6, 7);
    }

    @Test
    void moreMembersThanQueuesLeaveSomeWithout() {
        assertThat(share(2, 0, 3)).containsExactly(0);
        assertThat(share(2, 1, 3)).containsExactly(1);
        assertThat(share(2, 2, 3)).isEmpty();
    }

    @Test
    void everyQueueHasExactlyOneOwner() {
        for (int queues = 0; queues < 20; queues++) {
            for (int members = 1; members < 20; members++) {
                List<Integer> owned = new ArrayList<>();
                for (int member = 0; member < members; member++) {
                    owned.addAll(share(queues, member, members));
                }
                assertThat(owned).hasSize(queues).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void whoIsNotAMemberGetsNothing() {
        assertThat(AverageAllocation.of(queues(4), List.of("a", "b"), "c")).isEmpty();
    }
}
