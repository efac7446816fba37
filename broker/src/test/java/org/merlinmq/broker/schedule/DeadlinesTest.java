package org.merlinmq.broker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.merlinmq.broker.schedule.Deadlines.Entry;
import org.merlinmq.testkit.SimClock;

class DeadlinesTest {
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
    void aDisarmedTaskDoesNotRun() {
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
    void tasksThatAreDueTogetherRunInTheOrderOfTheirTimes() {
        long start = now.get();
        deadlines.schedule(start + 20, () -> ran.add("third"));
        deadlines.schedule(start + 10, () -> ran.add("first"));
        deadlines.schedule(start + 10, () -> ran.add("second"));
        now.addAndGet(30);
        deadlines.runDue();
        assertThat(ran).containsExactly("first", "second", "third");
    }

    @Test
    void randomHistoriesAgreeWithAMapOfTimes() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Map<Entry, Long> model = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        Set<Entry> ranNow = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            Entry[] self = new Entry[1];
            self[0] = deadlines.entry(() -> ranNow.add(self[0]));
            entries.add(self[0]);
        }
        for (int step = 0; step < 20_000; step++) {
            Entry entry = entries.get(random.nextInt(entries.size()));
            long at = now.get() + random.nextLong(-10, 1L << random.nextInt(4, 34));
            switch (random.nextInt(5)) {
                case 0 -> {
                    deadlines.arm(entry, at);
                    model.put(entry, at);
                }
                case 1 -> {
                    deadlines.armNoLater(entry, at);
                    model.merge(entry, at, Math::min);
                }
                case 2 ->
                    assertThat(deadlines.disarm(entry)).as("seed %d", seed).isEqualTo(model.remove(entry) != null);
                case 3 -> now.addAndGet(-random.nextLong(1, 1_000));
                default -> {
                    now.addAndGet(random.nextLong(1, 1L << random.nextInt(1, 30)));
                    ranNow.clear();
                    deadlines.runDue();
                    Set<Entry> expected = new HashSet<>(model.keySet());
                    expected.removeIf(each -> model.getOrDefault(each, 0L) > now.get());
                    assertThat(ranNow).as("seed %d", seed).isEqualTo(expected);
                    model.keySet().removeAll(expected);
                }
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
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aTaskThatThrowsIsReported() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        Clock clock = SimClock.ticking();
        try (Deadlines running = new Deadlines(clock::millis, bug -> told.countDown()).start()) {
            running.schedule(clock.millis(), () -> {
                throw new IllegalStateException("a bug");
            });
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
