package org.merlinmq.storage.timer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.merlinmq.storage.disk.Damage;
import org.merlinmq.storage.disk.SimDisk;
import org.merlinmq.storage.run.RunSet;
import org.merlinmq.testkit.Seeds;

/** Deliveries by the index against the timers that the log has, through flushes, merges, failures and crashes. */
class TimerIndexModelTest {

    private static final Path FOLDER = Path.of("/store/index");

    /** A record of the log: a timer ({@code due > 0}), one that settles another ({@code settles > 0}), or both. */
    private record Entry(long logOffset, long due, long settles) {}

    private record Due(long due, long logOffset) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            return due != other.due ? Long.compare(due, other.due) : Long.compare(logOffset, other.logOffset);
        }
    }

    private static final class World {
        private final RandomGenerator random;
        private final int maxInMemory;
        private final List<Damage> damages = new ArrayList<>();
        private final List<Entry> log = new ArrayList<>();
        private final TreeSet<Due> pending = new TreeSet<>();
        private final Map<Long, Long> retryAt = new HashMap<>();
        private SimDisk disk = new SimDisk();
        private RunSet checkpoint = RunSet.EMPTY;
        private TimerIndex index;
        private long flushed;
        private long end = 1;
        private long now = 1_000_000;

        World(RandomGenerator random) {
            this.random = random;
            maxInMemory = 1 + random.nextInt(random.nextBoolean() ? 8 : 300);
            index = open();
        }

        private TimerIndex open() {
            TimerIndex opened = TimerIndex.open(disk, FOLDER, maxInMemory, damages::add);
            opened.recover(checkpoint);
            return opened;
        }

        void step() {
            switch (random.nextInt(17)) {
                case 0 -> index.merge();
                case 1, 2 -> checkpoint();
                case 3 -> flush();
                case 4 -> restart();
                case 5 -> cancel();
                case 6, 7, 8, 9 -> drain();
                case 10 -> list();
                case 11 -> appendSettling(1 + random.nextLong(end));
                case 12 -> carryOver();
                default -> add();
            }
        }

        private void add() {
            for (int n = random.nextInt(40); n >= 0; n--) {
                long delay = switch (random.nextInt(4)) {
                    case 0 -> random.nextInt(100);
                    case 1 -> random.nextInt(10) * 1000L;
                    case 2 -> random.nextInt(600_000);
                    default -> random.nextLong(1L << 38);
                };
                delay++;
                pending.add(new Due(now + delay, end));
                log.add(new Entry(end, now + delay, 0));
                index.add(now + delay, end);
                end += 1 + random.nextInt(50);
            }
        }

        private void appendSettling(long timer) {
            log.add(new Entry(end, 0, timer));
            pending.removeIf(due -> due.logOffset == timer);
            retryAt.remove(timer);
            index.settle(timer, end);
            end += 1 + random.nextInt(50);
        }

        private void cancel() {
            List<Due> all = List.copyOf(pending);
            for (int n = random.nextInt(20); n > 0 && !all.isEmpty(); n--) {
                Due due = all.get(random.nextInt(all.size()));
                if (pending.contains(due)) {
                    appendSettling(due.logOffset);
                }
            }
        }

        /** Some timers move to the log's end; others that were claimed for it stay as they are. */
        private void carryOver() {
            List<Due> all = new ArrayList<>();
            index.list(0, (due, logOffset) -> all.add(new Due(due, logOffset)));
            assertThat(all).containsExactlyElementsOf(pending);
            List<Due> claimed = new ArrayList<>();
            for (Due timer : all) {
                if (random.nextInt(3) > 0 && claimed.size() < 50) {
                    assertThat(index.claim(timer.due, timer.logOffset)).isTrue();
                    assertThat(index.claim(timer.due, timer.logOffset)).isFalse();
                    claimed.add(timer);
                }
            }
            if (random.nextInt(3) == 0) {
                drainBeside(claimed);
            }
            boolean refused = random.nextInt(3) == 0;
            for (Due timer : claimed) {
                if (refused) {
                    index.release(timer.due, timer.logOffset);
                } else {
                    move(timer);
                }
            }
            assertThat(index.nextDueMillis())
                    .isLessThanOrEqualTo(pending.stream()
                            .mapToLong(due -> retryAt.getOrDefault(due.logOffset, due.due))
                            .min()
                            .orElse(Long.MAX_VALUE));
        }

        private void drainBeside(List<Due> claimed) {
            now += random.nextInt(5) == 0 ? random.nextLong(1L << 36) : random.nextInt(100_000);
            index.drainDue(now, (due, logOffset) -> {
                assertThat(claimed).doesNotContain(new Due(due, logOffset));
                assertThat(pending.contains(new Due(due, logOffset))).isTrue();
                appendSettling(logOffset);
                return true;
            });
            // One that waited for a retry was met, and is due as all others are once it is released.
            claimed.forEach(timer -> retryAt.computeIfPresent(timer.logOffset, (o, at) -> at <= now ? null : at));
        }

        private void move(Due timer) {
            pending.remove(timer);
            retryAt.remove(timer.logOffset);
            pending.add(new Due(timer.due, end));
            log.add(new Entry(end, timer.due, timer.logOffset));
            index.settle(timer.logOffset, end);
            index.add(timer.due, end);
            end += 1 + random.nextInt(50);
        }

        private void flush() {
            flushed = random.nextLong(flushed, end + 1);
            index.flush(flushed);
        }

        private void checkpoint() {
            flush();
            if (random.nextBoolean()) {
                index.merge();
                index.retain(0);
            }
            checkpoint = new RunSet(flushed, index.progressDueMillis(), index.progressLogOffset(), index.live());
            index.deleteRetired();
        }

        /** A crash, and after a loss of power the log ends anywhere behind the checkpoint. */
        private void restart() {
            if (random.nextBoolean()) {
                disk = disk.killProcess();
            } else {
                disk = disk.losePower(random);
                long keep = random.nextLong(checkpoint.upToLogOffset(), end + 1);
                if (random.nextBoolean()) {
                    log.removeIf(entry -> entry.logOffset >= keep);
                }
            }
            index = open();
            flushed = checkpoint.upToLogOffset();
            retryAt.clear();
            pending.clear();
            for (Entry entry : log) {
                boolean unflushed = entry.logOffset >= checkpoint.upToLogOffset();
                if (entry.settles > 0) {
                    pending.removeIf(due -> due.logOffset == entry.settles);
                    if (unflushed) {
                        index.settle(entry.settles, entry.logOffset);
                    }
                }
                if (entry.due > 0) {
                    pending.add(new Due(entry.due, entry.logOffset));
                    if (unflushed) {
                        index.add(entry.due, entry.logOffset);
                    }
                }
            }
        }

        private void drain() {
            long next = index.nextDueMillis();
            long first = pending.stream()
                    .mapToLong(due -> retryAt.getOrDefault(due.logOffset, due.due))
                    .min()
                    .orElse(Long.MAX_VALUE);
            assertThat(next).isLessThanOrEqualTo(first);
            now += random.nextInt(5) == 0 ? random.nextLong(1L << 36) : random.nextInt(100_000);
            List<Due> handed = new ArrayList<>();
            List<Due> failed = new ArrayList<>();
            int stopAfter = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(50);
            index.drainDue(now, (due, logOffset) -> {
                Due timer = new Due(due, logOffset);
                assertThat(pending.contains(timer)).as("%s pending", timer).isTrue();
                assertThat(retryAt.getOrDefault(logOffset, due)).isLessThanOrEqualTo(now);
                assertThat(handed).doesNotContain(timer);
                handed.add(timer);
                if (random.nextInt(8) == 0) {
                    failed.add(timer);
                    long at = now + random.nextInt(5000) + 1;
                    retryAt.put(logOffset, at);
                    index.retry(due, logOffset, at);
                } else {
                    appendSettling(logOffset);
                }
                return handed.size() < stopAfter;
            });
            assertThat(handed.stream().filter(due -> !failed.contains(due)).noneMatch(pending::contains))
                    .isTrue();
            if (handed.size() < stopAfter) {
                assertThat(pending.stream().filter(due -> retryAt.getOrDefault(due.logOffset, due.due) <= now))
                        .as("due and not handed out at %d", now)
                        .isEmpty();
            }
            assertThat(index.nearEntries()).isLessThanOrEqualTo(2 * maxInMemory + 512 + retryAt.size());
        }

        private void list() {
            long from = now + random.nextInt(100_000);
            List<Due> listed = new ArrayList<>();
            index.list(from, (due, logOffset) -> listed.add(new Due(due, logOffset)));
            assertThat(listed).containsExactlyElementsOf(pending.tailSet(new Due(from, 0)));
        }

        void finish() {
            checkpoint();
            assertThat(index.count()).isGreaterThanOrEqualTo(pending.size());
            retryAt.values().forEach(at -> now = Math.max(now, at));
            now = 1 + Math.max(now, pending.isEmpty() ? 0 : pending.last().due);
            index.drainDue(now, (due, logOffset) -> {
                assertThat(pending.contains(new Due(due, logOffset))).isTrue();
                appendSettling(logOffset);
                return true;
            });
            assertThat(pending).isEmpty();
            index.flush(end);
            assertThat(index.count()).isZero();
            index.list(0, (due, logOffset) -> {
                throw new AssertionError(due + " " + logOffset);
            });
            now += 1L << 40;
            index.drainDue(now, (due, logOffset) -> {
                throw new AssertionError(due + " " + logOffset);
            });
            index.flush(end);
            index.retain(0);
            assertThat(index.live()).isEmpty();
            assertThat(damages).isEmpty();
        }
    }

    @Test
    void eachTimerIsHandedOutUntilItIsSettledAndNeverAfter() {
        Seeds.forEach(100, TimerIndexModelTest::play);
    }

    /** Found by chance: the horizon was pulled in among timers of one due time, before the progress. */
    @Test
    void whatIsSettledDoesNotComeAgainWhenTheHorizonIsPulledInBeforeTheProgress() {
        play(new Random(-1514674055323121962L));
    }

    private static void play(RandomGenerator random) {
        World world = new World(random);
        for (int i = 0; i < 300; i++) {
            world.step();
        }
        world.finish();
    }
}
