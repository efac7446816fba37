package org.merlinmq.broker.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
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
    private final AtomicLong now = new AtomicLong();
    private final Set<String> members = new HashSet<>(Set.of("c1", "c2"));
    private final QueueLocks locks = new QueueLocks(
            now::get,
            new LockRecords(new FakeJournal()),
            (group, client) -> members.contains(client),
            notifier::send,
            millis -> {});
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

    /** The first member has gone; so many milliseconds are left of its lock. */
    private void goneWithMillisLeft(long millis) {
        handlers.lock(batch("c1"), one);
        members.remove("c1");
        locks.closed(one);
        now.addAndGet(QueueLocks.GONE_MILLIS - millis);
    }

    private static List<MessageQueueId> held(@Nullable Answer answer) {
        return LockedQueues.read(requireNonNull(answer).body()).queues();
    }

    @Test
    void whoAsksShortlyBeforeALockEndsGetsItWhenItEnds() {
        goneWithMillisLeft(LockHandlers.MAX_WAIT_MILLIS + 1);
        assertThat(held(handlers.lock(batch("c2"), two)))
                .as("longer than clients wait for an answer")
                .isEmpty();
        now.addAndGet(1);
        CompletableFuture<Answer> later =
                requireNonNull(handlers.lock(batch("c2"), two).later());
        assertThat(later).isNotDone();
        assertThat(locks.owner("G", QUEUE)).isEqualTo("c1");
        assertThat(held(handlers.lock(batch("c2"), two)))
                .as("one request of a connection waits")
                .isEmpty();

        now.addAndGet(LockHandlers.MAX_WAIT_MILLIS);
        two.runLater(LockHandlers.MAX_WAIT_MILLIS);
        assertThat(held(later.getNow(null))).containsExactly(QUEUE);
        now.addAndGet(QueueLocks.LEASE_MILLIS - 1);
        assertThat(locks.owner("G", QUEUE))
                .as("the lease began with the answer")
                .isEqualTo("c2");
    }

    @Test
    void anOwnerThatComesBackMeanwhileKeepsItsLock() {
        goneWithMillisLeft(500);
        CompletableFuture<Answer> later =
                requireNonNull(handlers.lock(batch("c2"), two).later());
        now.addAndGet(499);
        assertThat(held(handlers.lock(batch("c1"), one))).containsExactly(QUEUE);
        now.addAndGet(1);
        two.runLater(500);
        assertThat(held(later.getNow(null))).isEmpty();
        assertThat(locks.owner("G", QUEUE)).isEqualTo("c1");
    }

    @Test
    void whoLeavesWhileItsRequestWaitsGetsNoLock() {
        goneWithMillisLeft(500);
        CompletableFuture<Answer> first =
                requireNonNull(handlers.lock(batch("c2"), two).later());
        members.remove("c2");
        now.addAndGet(500);
        two.runLater(500);
        assertThat(held(first.getNow(null))).as("no member any more").isEmpty();
        assertThat(locks.owner("G", QUEUE)).isNull();

        members.add("c1");
        goneWithMillisLeft(500);
        members.add("c2");
        CompletableFuture<Answer> second =
                requireNonNull(handlers.lock(batch("c2"), two).later());
        two.open = false;
        now.addAndGet(500);
        two.runLater(500);
        assertThat(held(second.getNow(null))).as("its connection ended").isEmpty();
        assertThat(locks.owner("G", QUEUE)).isNull();
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
