package org.merlinmq.broker.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.group.FakeJournal;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.protocol.body.LockBatch;
import org.merlinmq.protocol.body.LockedQueues;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.transport.dispatch.Answer;

class LockHandlersTest {
    private static final MessageQueueId QUEUE = new MessageQueueId("T", "b", 0);

    private final GroupTable groups = new GroupTable(new FakeJournal(), () -> 0, true, new FakeTopics());
    private final AtomicInteger expiries = new AtomicInteger();
    private final FakeChannel one = new FakeChannel("10.0.0.1:1");
    private final FakeChannel two = new FakeChannel("10.0.0.1:2");

    private boolean enabled = true;
    private final RebalanceNotifier notifier = new RebalanceNotifier(groups, () -> enabled);
    private final QueueLocks locks = new QueueLocks(
            () -> 0, new LockRecords(new FakeJournal()), (group, client) -> true, notifier::send, millis -> {});
    private final LockHandlers handlers = new LockHandlers(groups, locks, expiries::incrementAndGet);

    private static LockBatch batch(String client) {
        return new LockBatch(client, "G", List.of(QUEUE), false);
    }

    @Test
    void queuesAreLockedForOneClient() {
        Answer first = handlers.lock(batch("c1"), one);
        assertThat(LockedQueues.read(first.body()).queues()).containsExactly(QUEUE);
        Answer second = handlers.lock(batch("c2"), two);
        assertThat(LockedQueues.read(second.body()).queues()).isEmpty();
        handlers.unlock(batch("c1"));
        assertThat(new String(handlers.lock(batch("c2"), two).body(), StandardCharsets.UTF_8))
                .contains("\"queueId\":0");
        assertThat(groups.find("G")).as("made by its first request").isNotNull();
        assertThat(expiries.get()).isEqualTo(3);
    }

    @Test
    void whoWasRefusedGetsTheNoticeOfAChangedGroup() {
        handlers.lock(batch("c1"), one);
        handlers.lock(batch("c2"), two);
        handlers.unlock(batch("c1"));
        assertThat(one.sent).isEmpty();
        assertThat(two.sent).hasSize(1);
        Frame notice = two.sent.getFirst();
        assertThat(notice.code()).isEqualTo(40);
        assertThat(notice.isOneway()).isTrue();
        assertThat(notice.text("consumerGroup")).isEqualTo("G");
    }

    @Test
    void noticesCanBeSwitchedOff() {
        enabled = false;
        handlers.lock(batch("c1"), one);
        handlers.lock(batch("c2"), two);
        handlers.unlock(batch("c1"));
        assertThat(two.sent).isEmpty();
        assertThat(locks.toString()).isEqualTo("[]");
    }
}
