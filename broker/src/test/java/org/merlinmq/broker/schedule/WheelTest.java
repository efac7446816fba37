package org.merlinmq.broker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.schedule.Deadlines.Entry;
import org.merlinmq.testkit.SimClock;

class WheelTest {
    private final AtomicLong now = new AtomicLong(1_795_422_312_027L);
    private final List<String> ran = new ArrayList<>();
    private final Deadlines deadlines = new Deadlines(now::get, bug -> {
        throw new AssertionError(bug);
    });

    @Test
    void tasksRunAtTheirMillisecondAndNotBefore() {
        for (long delay : new long[] {1, 2, 255, 256, 257, 65_535, 65_536, 86_400_000, 1L << 33, 1L << 40}) {
            long at = now.get() + delay;
            deadlines.schedule(at, () -> ran.add("x"));
            now.set(at - 1);
            deadlines.runDue();
            assertThat(ran).as("delay %d", delay).isEmpty();
            now.set(at);
            deadlines.runDue();
            assertThat(ran).as("delay %d", delay).hasSize(1);
            ran.clear();
        }
    }

    @Test
    void aDisarmedTaskDoesNotRunAndIsToldSo() {
        Entry entry = deadlines.schedule(now.get() + 10, () -> ran.add("no"));
        assertThat(deadlines.disarm(entry)).isTrue();
        assertThat(deadlines.disarm(entry)).isFalse();
        now.addAndGet(20);
        deadlines.runDue();
        assertThat(ran).isEmpty();
        deadlines.arm(entry, now.get() - 5);
        now.addAndGet(1);
        deadlines.runDue();
        assertThat(ran).containsExactly("no");
        assertThat(deadlines.disarm(entry)).isFalse();
    }

    @Test
    void anEntryArmedNoLaterKeepsTheEarlierTime() {
        Entry entry = deadlines.schedule(now.get() + 10, () -> ran.add("x"));
        deadlines.armNoLater(entry, now.get() + 100);
        now.addAndGet(10);
        deadlines.runDue();
        assertThat(ran).hasSize(1);
    }

    @Test
    void aClockThatIsSetBackHoldsUpNothing() {
        long hour = 3_600_000;
        deadlines.schedule(now.get() + 5_000, () -> ran.add("before"));
        now.addAndGet(-hour);
        deadlines.schedule(now.get() + 1_000, () -> ran.add("after"));
        deadlines.runDue();
        assertThat(ran).isEmpty();
        now.addAndGet(999);
        deadlines.runDue();
        assertThat(ran).isEmpty();
        now.addAndGet(1);
        deadlines.runDue();
        assertThat(ran).containsExactly("after");
        now.addAndGet(hour + 4_000);
        deadlines.runDue();
        assertThat(ran).containsExactly("after", "before");
    }

    @Test
    void randomHistoriesAgreeWithASortedMap() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Wheel wheel = new Wheel(now.get());
        TreeMap<Long, List<Wheel.Node>> model = new TreeMap<>();
        List<Wheel.Node> armed = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            int what = random.nextInt(10);
            if (what < 5) {
                Wheel.Node node = new Wheel.Node(deadlines.entry(() -> {}));
                long due = now.get() + 1 + (random.nextLong() >>> 1) % (1L << random.nextInt(34));
                wheel.add(node, due);
                model.computeIfAbsent(due, k -> new ArrayList<>()).add(node);
                armed.add(node);
            } else if (what < 7 && !armed.isEmpty()) {
                Wheel.Node node = armed.remove(random.nextInt(armed.size()));
                boolean inModel = model.computeIfAbsent(node.dueMillis, k -> new ArrayList<>())
                        .remove(node);
                assertThat(wheel.remove(node)).as("seed %d", seed).isEqualTo(inModel);
            } else {
                long to = now.addAndGet(random.nextLong(1, 1L << random.nextInt(1, 30)));
                List<Entry> due = new ArrayList<>();
                wheel.advance(to, due);
                List<Entry> expected = new ArrayList<>();
                model.headMap(to, true).values().forEach(nodes -> nodes.forEach(n -> expected.add(n.entry)));
                model.headMap(to, true).clear();
                assertThat(due).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
                assertThat(wheel.nextMillis()).as("seed %d", seed).isGreaterThan(to);
            }
        }
    }

    @Test
    void theThreadSleepsAndIsWokenByAnEarlierDeadline() throws InterruptedException {
        Clock clock = SimClock.ticking();
        try (Deadlines running = new Deadlines(clock::millis, bug -> {}).start()) {
            CountDownLatch done = new CountDownLatch(2);
            running.schedule(clock.millis() + 50_000, () -> {});
            running.schedule(clock.millis() + 30, done::countDown);
            running.schedule(clock.millis() + 5, done::countDown);
            assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aTaskThatThrowsIsTold() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        Clock clock = SimClock.ticking();
        try (Deadlines running = new Deadlines(clock::millis, bug -> told.countDown()).start()) {
            running.schedule(clock.millis(), () -> {
                throw new IllegalStateException("a bug");
            });
            assertThat(told.await(5, TimeUnit.SECONDS)).isTrue();
        }
    }
}
