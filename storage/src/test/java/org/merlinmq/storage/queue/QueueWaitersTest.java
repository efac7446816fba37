package org.merlinmq.storage.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.storage.index.Points;
import org.merlinmq.storage.index.Wakeup;
import org.merlinmq.testkit.Seeds;

/** Whom an entry wakes, and in which order. */
class QueueWaitersTest {
    @TempDir
    Path folder;

    private QueueTable table;
    private Queue queue;
    private int queues;
    private final List<Object> woken = new ArrayList<>();
    private int asked;

    @BeforeEach
    void open() {
        table = QueueTable.open(new RealDisk(), folder, new ReentrantLock(), damage -> {
            throw new AssertionError(damage.toString());
        });
        table.recover(Points.NONE);
        queue = table.queue("topic", 0);
    }

    @AfterEach
    void close() {
        table.close();
    }

    /** Takes the codes; without any it is asked, and takes even ones if it is choosy, else all. */
    private final class Waiter implements QueueWaiter {
        private final Object name;
        private final long[] codes;
        private final boolean choosy;

        Waiter(Object name, boolean choosy, long... codes) {
            this.name = name;
            this.choosy = choosy;
            this.codes = codes;
        }

        @Override
        public long @Nullable [] tagsCodes() {
            return codes.length == 0 ? null : codes;
        }

        @Override
        public boolean wants(long tagsCode) {
            asked++;
            return takes(tagsCode);
        }

        boolean takes(long tagsCode) {
            return codes.length == 0
                    ? !choosy || tagsCode % 2 == 0
                    : Arrays.stream(codes).anyMatch(code -> code == tagsCode);
        }

        @Override
        public void arrived(Queue at, long tagsCode, long queueOffset) {
            woken.add(name);
        }
    }

    private Parked park(Object name, long... codes) {
        return Objects.requireNonNull(queue.await(new Waiter(name, false, codes), queue.maxOffset()));
    }

    private void append(long tagsCode) {
        long at = queue.reserve(1);
        queue.publish(at, at, 1, 1, tagsCode);
        VarHandle.fullFence();
        Wakeup.wakeAll(queue.takeWaiters(tagsCode, at, null));
    }

    @Test
    void thoseWhoTakeAnEntryAreWokenInTheOrderInWhichTheyCame() {
        park("seven", 7);
        park("any");
        park("eight", 8);
        park("seven or eight", 7, 8);
        park("any, later");
        append(7);
        assertThat(woken).containsExactly("seven", "any", "seven or eight", "any, later");
        append(7);
        assertThat(woken).hasSize(4);
        append(8);
        assertThat(woken).hasSize(5).last().isEqualTo("eight");
    }

    @Test
    void whoBeganToWaitTooLateForAnEntryIsNotWokenBehindIt() {
        for (boolean othersWait : new boolean[] {false, true}) {
            Queue of = table.queue("late", othersWait ? 1 : 0);
            QueueWaiters waiters = new QueueWaiters(of);
            if (othersWait) {
                waiters.park(new Waiter("other", true, 5), 0);
            }
            // The pull saw an empty queue, and parks when entry 0 was published already and nobody woke it for that.
            waiters.take(7, 0, null);
            List<Long> arrived = new ArrayList<>();
            Parked late = waiters.park((at, tagsCode, queueOffset) -> arrived.add(queueOffset), 0);
            Parked lateTagged = waiters.park(new Waiter("tagged", false, 9), 0);
            Wakeup.wakeAll(waiters.take(8, 1, null));
            assertThat(arrived).as("others wait: " + othersWait).containsExactly(0L);
            assertThat(waiters.cancel(late)).isFalse();
            assertThat(waiters.cancel(lateTagged)).isTrue();
            assertThat(lateTagged.passedTo())
                    .as("entry 0 was not offered to it")
                    .isZero();
        }
    }

    @Test
    void whoWaitsInTimeIsWokenForTheEntryThatItWants() {
        QueueWaiters waiters = new QueueWaiters(queue);
        waiters.park(new Waiter("other", true, 5), 0);
        waiters.take(7, 0, null);
        List<Long> arrived = new ArrayList<>();
        Parked inTime = waiters.park(
                new QueueWaiter() {
                    @Override
                    public boolean wants(long tagsCode) {
                        return tagsCode == 9;
                    }

                    @Override
                    public void arrived(Queue at, long tagsCode, long queueOffset) {
                        arrived.add(queueOffset);
                    }
                },
                1);
        Parked never = waiters.park(new Waiter("never", false, 6), 1);
        waiters.take(7, 1, null);
        Wakeup.wakeAll(waiters.take(9, 2, null));
        assertThat(arrived).containsExactly(2L);
        assertThat(waiters.cancel(inTime)).isFalse();
        assertThat(waiters.cancel(never)).isTrue();
        assertThat(never.passedTo()).isEqualTo(3);
    }

    /** Takes one entry, by its number. */
    private final class Taker implements QueueWaiter {
        private final long wanted;
        private final long[] codes;
        private Runnable whenAsked = () -> {};
        private int waitsOn;

        Taker(long wanted, long... codes) {
            this.wanted = wanted;
            this.codes = codes;
        }

        @Override
        public long @Nullable [] tagsCodes() {
            return codes.length == 0 ? null : codes;
        }

        @Override
        public boolean takes(Queue at, long queueOffset) {
            asked++;
            whenAsked.run();
            return queueOffset == wanted;
        }

        @Override
        public void waitsOn() {
            waitsOn++;
        }

        @Override
        public void arrived(Queue at, long tagsCode, long queueOffset) {
            woken.add(wanted + " by " + tagsCode + ' ' + queueOffset);
        }
    }

    @Test
    void whoDoesNotTakeAnEntryGoesOnWaiting() {
        Taker any = new Taker(2);
        Taker tagged = new Taker(3, 7);
        Parked first = Objects.requireNonNull(queue.await(any, 0));
        Parked second = Objects.requireNonNull(queue.await(tagged, 0));
        append(7);
        append(8);
        assertThat(woken).isEmpty();
        assertThat(asked).as("one by all, one by its tag").isEqualTo(3);
        append(7);
        assertThat(woken).containsExactly("2 by 7 2");
        append(7);
        assertThat(woken).containsExactly("2 by 7 2", "3 by 7 3");
        assertThat(any.waitsOn + tagged.waitsOn).isEqualTo(4);
        append(7);
        assertThat(woken).hasSize(2);
        assertThat(queue.cancel(first) || queue.cancel(second))
                .as("both were called")
                .isFalse();
        assertThat(queue.hasWaiters()).isFalse();
    }

    @Test
    void whoGoesOnWaitingCanBeCancelledBehindWhatItDidNotTake() {
        Parked parked = Objects.requireNonNull(queue.await(new Taker(9), 0));
        append(7);
        append(7);
        assertThat(queue.cancel(parked)).isTrue();
        assertThat(parked.passedTo()).isEqualTo(2);
        assertThat(queue.cancel(parked)).isFalse();
        append(7);
        assertThat(woken).isEmpty();
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void whatCameWhileItWasAskedIsNotMissed() {
        Taker waiter = new Taker(1);
        waiter.whenAsked = () -> {
            waiter.whenAsked = () -> {};
            append(7);
        };
        queue.await(waiter, 0);
        append(7);
        assertThat(woken).as("to look for itself").containsExactly("1 by 7 0");
        assertThat(queue.hasWaiters()).isFalse();
    }

    @Test
    void whoGoesOnWaitingBreaksNoChain() {
        Taker later = new Taker(9);
        for (Taker each : List.of(new Taker(9), later, new Taker(9), new Taker(0))) {
            queue.await(each, 0);
        }
        // The next entry takes those that wait again, while the chain of the first one is still being woken.
        later.whenAsked = () -> {
            later.whenAsked = () -> {};
            append(7);
        };
        append(7);
        assertThat(woken).containsExactlyInAnyOrder("0 by 7 0", "9 by 7 0", "9 by 7 0");
    }

    @Test
    void anEntryMeetsOnlyThoseWhoWaitForItsTag() {
        for (int i = 0; i < 1000; i++) {
            queue.await(new Waiter(i, false, i), 0);
        }
        queue.await(new Waiter("choosy", true), 0);
        append(7);
        append(1001);
        assertThat(woken).containsExactly(7);
        assertThat(asked).as("the one that cannot be found by a code, twice").isEqualTo(2);
    }

    @Test
    void oneWhoWaitsForManyTagsIsFoundByEachOfThem() {
        long[] many = LongStream.range(0, QueueWaiters.MAX_LINKS + 1).toArray();
        for (long code : many) {
            Parked parked = park("many", many);
            append(code);
            assertThat(woken).hasSize((int) code + 1);
            assertThat(queue.cancel(parked)).isFalse();
        }
        append(many.length);
        assertThat(woken).hasSize(many.length);
    }

    @Test
    void anEntryBelowTheAwaitedOneWakesNobody() {
        long first = queue.reserve(1);
        queue.publish(first, 0, 1, 1, 7);
        Parked byTag = park("by tag", 7);
        Parked any = park("any");
        assertThat(queue.takeWaiters(7, first, null))
                .as("published before they came, and its waiters are taken after")
                .isNull();
        append(7);
        assertThat(woken).containsExactly("by tag", "any");
        assertThat(queue.cancel(byTag) || queue.cancel(any)).isFalse();
    }

    @Test
    void oneWhoGivesUpGoesOnBehindWhatItWasOffered() {
        append(1);
        Parked parked = park("two", 2);
        assertThat(queue.cancel(parked)).isTrue();
        assertThat(parked.passedTo()).isEqualTo(1);
        parked = park("two", 2);
        append(1);
        append(3);
        Parked later = park("two, later", 2);
        assertThat(queue.cancel(parked)).isTrue();
        assertThat(parked.passedTo()).isEqualTo(3);
        assertThat(queue.cancel(later)).isTrue();
        assertThat(later.passedTo()).isEqualTo(3);
    }

    /** A waiter of the model: a list that is looked through for each entry. */
    private record Modelled(Waiter waiter, Parked place) {}

    @Test
    void itDoesWhatALookAtEachWaiterWouldDo() {
        Seeds.forEach(50, this::likeAList);
    }

    private void likeAList(RandomGenerator random) {
        queues++;
        queue = table.queue("topic", queues);
        woken.clear();
        List<Modelled> model = new ArrayList<>();
        List<Object> expected = new ArrayList<>();
        int tags = random.nextInt(1, 200);
        for (int step = 0; step < 2_000; step++) {
            int dice = random.nextInt(10);
            if (dice < 6) {
                Waiter waiter = new Waiter(step, random.nextBoolean(), codes(random, tags));
                model.add(new Modelled(waiter, Objects.requireNonNull(queue.await(waiter, queue.maxOffset()))));
            } else if (dice < 8 && !model.isEmpty()) {
                assertThat(queue.cancel(model.remove(random.nextInt(model.size())).place))
                        .isTrue();
            } else {
                long code = random.nextInt(tags);
                model.stream().filter(each -> each.waiter.takes(code)).forEach(each -> expected.add(each.waiter.name));
                model.removeIf(each -> each.waiter.takes(code));
                append(code);
                assertThat(woken).isEqualTo(expected);
            }
        }
    }

    private static long[] codes(RandomGenerator random, int tags) {
        int count = random.nextInt(20) == 0 ? random.nextInt(30) : random.nextInt(4);
        return random.longs(count, 0, tags).distinct().toArray();
    }
}
