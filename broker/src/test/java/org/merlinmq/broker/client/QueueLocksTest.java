package org.merlinmq.broker.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.MessageQueueId;

class QueueLocksTest {
    private static final MessageQueueId Q0 = new MessageQueueId("T", "b", 0);
    private static final MessageQueueId Q1 = new MessageQueueId("T", "b", 1);
    private static final MessageQueueId Q2 = new MessageQueueId("T", "b", 2);

    private final TestLocks test = new TestLocks();
    private final FakeChannel a = new FakeChannel("a");
    private final FakeChannel b = new FakeChannel("b");
    private final FakeChannel c = new FakeChannel("c");

    private List<MessageQueueId> lock(String group, FakeChannel client, MessageQueueId... queues) {
        return test.locks.lock(group, client.address(), client, List.of(queues));
    }

    private void connect(FakeChannel... clients) {
        for (FakeChannel client : clients) {
            test.members.add("G " + client.address());
            test.locks.membersChanged("G");
        }
    }

    /** As the broker does when a connection ends: first it is taken out of the groups. */
    private void end(FakeChannel client) {
        test.members.remove("G " + client.address());
        test.locks.membersChanged("G");
        test.locks.closed(client);
    }

    /** As the broker does with request 35. */
    private void unregister(FakeChannel client) {
        test.members.remove("G " + client.address());
        test.locks.membersChanged("G");
        test.locks.unregistered("G", client.address(), client);
    }

    @Test
    void aQueueIsHeldByTheFirstToAskAndNobodyElse() {
        assertThat(lock("G", a, Q0)).containsExactly(Q0);
        assertThat(lock("G", b, Q0, Q1)).containsExactly(Q1);
        assertThat(lock("H", b, Q0)).as("another group").containsExactly(Q0);
        assertThat(test.locks.owner("G", Q0)).isEqualTo("a");
    }

    @Test
    void theOwnerRenewsAndAnExpiredLeaseIsTakenOver() {
        lock("G", a, Q0);
        test.now.addAndGet(59_999);
        assertThat(lock("G", a, Q0)).containsExactly(Q0);
        test.now.addAndGet(59_999);
        assertThat(lock("G", b, Q0)).isEmpty();
        assertThat(test.locks.owner("G", Q0)).isNotNull();
        test.now.addAndGet(1);
        assertThat(test.locks.owner("G", Q0)).isNull();
        assertThat(test.locks.holdsAny("G")).isFalse();
        assertThat(lock("G", b, Q0)).containsExactly(Q0);
        assertThat(lock("G", a, Q0)).isEmpty();
    }

    @Test
    void leasesThatRanOutAreForgottenThoughNobodyAsksAgain() {
        lock("G", a, Q0);
        test.now.addAndGet(30_000);
        lock("H", a, Q0);
        test.now.addAndGet(30_000);
        assertThat(test.locks.expire()).as("H holds one").isTrue();
        assertThat(test.locks.toString()).isEqualTo("[H]");
        test.now.addAndGet(30_000);
        assertThat(test.locks.expire()).isFalse();
        assertThat(test.locks.toString()).isEqualTo("[]");
        assertThat(test.alarms).as("nobody waits").isEmpty();
    }

    @Test
    void onlyTheOwnerGivesAQueueBack() {
        lock("G", a, Q0);
        test.locks.unlock("G", "b", List.of(Q0));
        assertThat(test.locks.owner("G", Q0)).isNotNull();
        test.locks.unlock("G", "a", List.of(Q0, Q1));
        assertThat(test.locks.owner("G", Q0)).isNull();
    }

    @Test
    void whoWasRefusedIsNotifiedWhenTheQueueIsGivenBackAndNobodyElse() {
        lock("G", a, Q0, Q1);
        lock("G", b, Q0, Q1);
        lock("G", c, Q1);
        test.locks.unlock("G", "a", List.of(Q0));
        assertThat(test.notified).containsExactly("G b");
        test.locks.unlock("G", "a", List.of(Q1));
        assertThat(test.notified).as("b has asked for Q1 too").containsExactly("G b", "G b", "G c");
        test.notified.clear();
        test.locks.unlock("G", "a", List.of(Q1));
        assertThat(test.notified).as("a notice is given once").isEmpty();
    }

    @Test
    void severalQueuesThatBecomeFreeAtOnceAreOneNotice() {
        lock("G", a, Q0, Q1, Q2);
        lock("G", b, Q0, Q1, Q2);
        test.locks.unlock("G", "a", List.of(Q0, Q1, Q2));
        assertThat(test.notified).containsExactly("G b");
    }

    @Test
    void aKilledOwnersQueueIsFreeWhenItCannotRelyOnItAnyMoreAndNoSooner() {
        connect(a, b);
        lock("G", a, Q0);
        test.now.addAndGet(5_000);
        end(a);
        assertThat(lock("G", b, Q0)).as("its lock may still be relied on").isEmpty();
        assertThat(test.alarms).containsExactly(25_800L);
        test.now.addAndGet(25_799);
        assertThat(lock("G", b, Q0)).isEmpty();
        assertThat(test.notified).isEmpty();
        test.now.addAndGet(1);
        test.locks.expire();
        assertThat(test.notified).containsExactly("G b");
        assertThat(lock("G", b, Q0)).containsExactly(Q0);
    }

    @Test
    void whoWasRefusedBeforeTheOwnerWasKilledHearsOfItJustAsSoon() {
        connect(a, b);
        lock("G", a, Q0);
        lock("G", b, Q0);
        assertThat(test.alarms).containsExactly(60_000L);
        test.now.addAndGet(1_000);
        end(a);
        assertThat(test.alarms).containsExactly(60_000L, 29_800L);
        test.alarm();
        assertThat(test.notified).containsExactly("G b");
    }

    @Test
    void theOldestLocksOfAKilledOwnerEndFirst() {
        connect(a, b);
        lock("G", a, Q0);
        test.now.addAndGet(10_000);
        lock("G", a, Q1);
        end(a);
        lock("G", b, Q0, Q1);
        test.alarm();
        assertThat(test.notified).containsExactly("G b");
        assertThat(lock("G", b, Q0, Q1)).containsExactly(Q0);
        test.alarm();
        assertThat(lock("G", b, Q0, Q1)).containsExactly(Q0, Q1);
    }

    @Test
    void anOwnerThatConnectsAgainInTimeHasItsLocksStill() {
        connect(a, b);
        lock("G", a, Q0);
        end(a);
        test.now.addAndGet(20_000);
        FakeChannel again = new FakeChannel("a");
        assertThat(test.locks.lock("G", "a", again, List.of(Q0))).containsExactly(Q0);
        test.now.addAndGet(59_999);
        assertThat(lock("G", b, Q0)).as("connected, before its heartbeat").isEmpty();
        test.locks.lock("G", "a", again, List.of(Q0));
        test.locks.closed(again);
        test.now.addAndGet(30_799);
        assertThat(lock("G", b, Q0)).isEmpty();
        test.now.addAndGet(1);
        assertThat(lock("G", b, Q0)).as("gone again").containsExactly(Q0);
    }

    @Test
    void aHeartbeatOverANewConnectionKeepsTheLocksTo() {
        connect(a, b);
        lock("G", a, Q0);
        end(a);
        connect(a);
        test.now.addAndGet(59_999);
        assertThat(lock("G", b, Q0)).isEmpty();
    }

    @Test
    void oneOfTwoConnectionsOfAnOwnerMayEnd() {
        connect(a, b);
        lock("G", a, Q0);
        // "G a" stays: a member by its other connection.
        test.locks.closed(a);
        test.now.addAndGet(40_000);
        assertThat(lock("G", b, Q0)).isEmpty();
        test.members.remove("G a");
        test.locks.membersChanged("G");
        assertThat(lock("G", b, Q0)).as("the other one ended as well").containsExactly(Q0);
    }

    @Test
    void theLocksOfOneConnectionInTwoGroupsEndWithIt() {
        lock("G", a, Q0);
        lock("H", a, Q0);
        lock("H", b, Q0);
        test.locks.closed(a);
        test.alarm();
        assertThat(test.notified).containsExactly("H b");
        assertThat(test.locks.toString()).isEqualTo("[]");
    }

    @Test
    void aClientThatStopsFreesAllAtOnceThoughItGaveOnlySomeBack() {
        connect(a, b);
        lock("G", a, Q0, Q1);
        lock("G", b, Q0, Q1);
        test.locks.unlock("G", "a", List.of(Q0));
        test.notified.clear();
        unregister(a);
        assertThat(test.notified).containsExactly("G b");
        assertThat(lock("G", b, Q0, Q1)).containsExactly(Q0, Q1);
    }

    @Test
    void aClientThatUnregistersAndGaveNothingBackMayStillConsume() {
        connect(a, b);
        lock("G", a, Q0);
        unregister(a);
        test.now.addAndGet(30_799);
        assertThat(lock("G", b, Q0)).isEmpty();
        test.now.addAndGet(1);
        assertThat(lock("G", b, Q0)).containsExactly(Q0);
    }

    @Test
    void aRenewalAfterAQueueWasGivenBackIsNoStop() {
        connect(a, b);
        lock("G", a, Q0, Q1);
        test.locks.unlock("G", "a", List.of(Q0));
        lock("G", a, Q1);
        unregister(a);
        assertThat(lock("G", b, Q1)).isEmpty();
    }

    @Test
    void whoIsGoneOrHasNotAskedForLongIsNotNotified() {
        connect(a, b, c);
        lock("G", a, Q0);
        lock("G", b, Q0);
        lock("G", c, Q0);
        end(b);
        test.now.addAndGet(20_000);
        lock("G", a, Q0);
        test.now.addAndGet(40_000);
        test.locks.expire();
        test.locks.unlock("G", "a", List.of(Q0));
        assertThat(test.notified).isEmpty();
    }

    @Test
    void whileTheOwnerRenewsThoseWhoWaitHaveItLookedAtOncePerLease() {
        connect(a, b);
        lock("G", a, Q0);
        lock("G", b, Q0);
        test.now.addAndGet(20_000);
        lock("G", a, Q0);
        lock("G", b, Q0);
        assertThat(test.alarms).containsExactly(60_000L);
        test.now.addAndGet(40_000);
        test.locks.expire();
        assertThat(test.alarms).as("b asked 40 s ago").containsExactly(60_000L, 20_000L);
        assertThat(test.notified).isEmpty();
        test.now.addAndGet(20_000);
        test.locks.expire();
        assertThat(lock("G", b, Q0)).containsExactly(Q0);
    }

    @Test
    void limitsHold() {
        MessageQueueId[] many = IntStream.range(0, QueueLocks.MAX_QUEUES + 2)
                .mapToObj(id -> new MessageQueueId("T", "b", id))
                .toArray(MessageQueueId[]::new);
        assertThat(lock("G", a, many)).hasSize(QueueLocks.MAX_QUEUES);
        for (int i = 0; i < GroupLocks.MAX_NOTED + 5; i++) {
            lock("G", new FakeChannel("w" + i), Q0);
        }
        test.locks.unlock("G", "a", List.of(Q0));
        assertThat(test.notified).hasSize(GroupLocks.MAX_NOTED);
    }

    @Test
    void afterARestartTheOwnerGoesOnAndOthersWaitUntilItCannotRelyOnItsLock() {
        connect(a, b, c);
        lock("G", a, Q0);
        lock("G", c, Q1);
        lock("G", b, Q2);
        test.locks.unlock("G", "b", List.of(Q2));
        test.now.addAndGet(500);
        test.restart();
        assertThat(lock("G", b, Q0, Q1, Q2)).as("nobody had Q2").containsExactly(Q2);
        assertThat(lock("G", a, Q0)).containsExactly(Q0);
        assertThat(test.alarms).containsExactly(30_800L);
        test.now.addAndGet(30_799);
        assertThat(lock("G", b, Q1)).isEmpty();
        test.now.addAndGet(1);
        test.locks.expire();
        assertThat(test.notified).as("c did not come back").containsExactly("G b");
        assertThat(lock("G", b, Q0, Q1)).as("a has Q0 again").containsExactly(Q1);
    }

    @Test
    void anOwnerIsRecordedOnceAndForgottenWithItsLease() {
        connect(a, b);
        lock("G", a, Q0, Q1);
        assertThat(test.journal.size()).isEqualTo(1);
        test.now.addAndGet(20_000);
        lock("G", a, Q0, Q1);
        assertThat(test.journal.size()).as("a renewal is not written").isEqualTo(1);
        test.now.addAndGet(60_000);
        test.locks.expire();
        assertThat(test.journal.size()).isEqualTo(2);
        test.restart();
        assertThat(lock("G", b, Q0, Q1)).containsExactly(Q0, Q1);
    }

    @Test
    void aTakenOverQueueIsItsNewOwnersAfterARestart() {
        connect(a, b);
        lock("G", a, Q0);
        test.now.addAndGet(60_000);
        lock("G", b, Q0);
        test.restart();
        assertThat(lock("G", a, Q0)).isEmpty();
        assertThat(test.locks.owner("G", Q0)).isEqualTo("b");
    }

    @Test
    void namesThatNoTopicCanHaveAreLockedAndNotRecorded() {
        MessageQueueId odd = new MessageQueueId("T".repeat(70_000), "b", 0);
        assertThat(lock("G", a, odd)).containsExactly(odd);
        assertThat(test.journal.size()).isZero();
    }

    @Test
    void afterTheCloseNothingIsRecorded() {
        lock("G", a, Q0);
        test.locks.close();
        test.now.addAndGet(90_000);
        test.locks.expire();
        test.locks.closed(a);
        assertThat(test.journal.size()).isEqualTo(1);
    }
}
