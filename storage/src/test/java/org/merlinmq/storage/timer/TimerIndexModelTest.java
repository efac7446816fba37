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
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.storage.index.LogIndex.RecoveryPoint;
import org.merlinmq.storage.index.Points;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.run.RunFile;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimDisk;

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
        private final boolean withDamage;
        private final int maxInMemory;
        private final List<Damage> damages = new ArrayList<>();
        private final List<Entry> log = new ArrayList<>();
        private final TreeSet<Due> pending = new TreeSet<>();
        private final Map<Long, Long> retryAt = new HashMap<>();
        private SimDisk disk = new SimDisk();
        private RecoveryPoint checkpoint = Points.NONE;
        private TimerIndex index;
        private long flushed;
        private long end = 1;
        private long now = 1_000_000;

        World(RandomGenerator random, boolean withDamage) {
            this.random = random;
            this.withDamage = withDamage;
            maxInMemory = 1 + random.nextInt(random.nextBoolean() ? 8 : 300);
            index = open();
            index.start();
        }

        private TimerIndex open() {
            TimerIndex opened = TimerIndex.open(disk, FOLDER, maxInMemory, damages::add);
            opened.recover(checkpoint);
            return opened;
        }

        /** Makes the damaged runs again from the log. */
        private void mend() {
            while (!index.damaged().isEmpty()) {
                RunFile file = index.damaged().getFirst();
                try (TimerRebuild rebuild = index.rebuild(file)) {
                    for (Entry entry : log) {
                        if (entry.settles > 0
                                && entry.logOffset >= file.minLogOffset()
                                && entry.logOffset < rebuild.endsBelow()) {
                            rebuild.settled(entry.settles, entry.logOffset);
                        }
                    }
                    log.stream()
                            .filter(entry -> entry.due > 0)
                            .forEach(entry -> rebuild.add(entry.due, entry.logOffset));
                    rebuild.finish();
                } catch (DamagedRunException e) {
                    index.damaged(e);
                }
            }
        }

        /** What lists all timers meets whatever is damaged. */
        private void mendBeforeListing() {
            while (true) {
                try {
                    index.list(0, (due, logOffset) -> true);
                    mend();
                    return;
                } catch (DamagedRunException e) {
                    index.damaged(e);
                    mend();
                }
            }
        }

        /** Only what nobody has read yet can turn out to be damaged. */
        private void damageUnread(List<RunFile> before) {
            List<RunFile> unread = new ArrayList<>(index.live());
            unread.removeAll(before);
            if (withDamage && !unread.isEmpty() && random.nextInt(4) == 0) {
                RunFile file = unread.get(random.nextInt(unread.size()));
                long entryBits = file.entries() * 16 * 8;
                disk.flip(FOLDER.resolve(file.name()), 64 * 8 + random.nextLong(entryBits));
            }
        }

        void step() {
            assertThat(index.firstLogOffset())
                    .isLessThanOrEqualTo(
                            pending.stream().mapToLong(Due::logOffset).min().orElse(Long.MAX_VALUE));
            switch (random.nextInt(18)) {
                case 0 -> index.merge();
                case 1, 2 -> checkpoint();
                case 3 -> flush();
                case 4 -> restart();
                case 5 -> cancel();
                case 6, 7, 8, 9 -> drain();
                case 10 -> list();
                case 11 -> appendSettling(1 + random.nextLong(end));
                case 12 -> carryOver();
                case 13 -> cancelClaimed();
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

        /** Cancels any timers of the log, pending or not: only those that are pending can be claimed. */
        private void cancelClaimed() {
            mendBeforeListing();
            List<Entry> timers = log.stream().filter(entry -> entry.due > 0).toList();
            for (int n = random.nextInt(6); n > 0 && !timers.isEmpty(); n--) {
                Entry timer = timers.get(random.nextInt(timers.size()));
                boolean waits = pending.contains(new Due(timer.due, timer.logOffset));
                assertThat(index.isPending(timer.due, timer.logOffset)).isEqualTo(waits);
                TimerIndex.Claim claim = index.claimPending(timer.due, timer.logOffset);
                assertThat(claim).isEqualTo(waits ? TimerIndex.Claim.CLAIMED : TimerIndex.Claim.ENDED);
                if (waits && random.nextInt(4) == 0) {
                    assertThat(index.claimPending(timer.due, timer.logOffset)).isEqualTo(TimerIndex.Claim.TAKEN);
                    index.release(timer.due, timer.logOffset);
                } else if (waits) {
                    appendSettling(timer.logOffset);
                }
            }
            assertThat(index.claimPending(now + 1, end)).isEqualTo(TimerIndex.Claim.ENDED);
        }

        /** Some timers move to the log's end; others that were claimed for it stay as they are. */
        private void carryOver() {
            mendBeforeListing();
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
            mend();
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
            List<RunFile> before = index.live();
            long upTo = random.nextLong(flushed, end + 1);
            try {
                index.flush(upTo);
            } catch (DamagedRunException e) {
                assertThat(index.damaged()).as("reported").isNotEmpty();
                mend();
                before = index.live();
                index.flush(upTo);
            }
            flushed = upTo;
            damageUnread(before);
        }

        private void checkpoint() {
            flush();
            if (random.nextBoolean()) {
                index.merge();
                index.retain(0);
            }
            checkpoint = Points.of(index, flushed);
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
            mend();
            index.start();
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
            boolean sound = index.damaged().isEmpty();
            long next = index.nextDueMillis();
            long first = pending.stream()
                    .mapToLong(due -> retryAt.getOrDefault(due.logOffset, due.due))
                    .min()
                    .orElse(Long.MAX_VALUE);
            if (sound) {
                assertThat(next).isLessThanOrEqualTo(first);
            }
            now += random.nextInt(5) == 0 ? random.nextLong(1L << 36) : random.nextInt(100_000);
            List<Due> handed = new ArrayList<>();
            List<Due> failed = new ArrayList<>();
            int stopAfter = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(50);
            index.drainDue(now, (due, logOffset) -> {
                Due timer = new Due(due, logOffset);
                assertThat(pending.contains(timer))
                        .as("%s pending: %s", timer, recordsOf(logOffset))
                        .isTrue();
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
            boolean damaged = !index.damaged().isEmpty();
            assertThat(handed.stream().filter(due -> !failed.contains(due)).noneMatch(pending::contains))
                    .isTrue();
            if (handed.size() < stopAfter && !damaged) {
                assertThat(pending.stream().filter(due -> retryAt.getOrDefault(due.logOffset, due.due) <= now))
                        .as("due and not handed out at %d", now)
                        .isEmpty();
            }
            assertThat(index.nearEntries()).isLessThanOrEqualTo(2 * maxInMemory + 512 + retryAt.size());
            if (damaged && random.nextBoolean()) {
                mend();
            }
        }

        private void list() {
            mendBeforeListing();
            long from = now + random.nextInt(100_000);
            List<Due> listed = new ArrayList<>();
            index.list(from, (due, logOffset) -> listed.add(new Due(due, logOffset)));
            assertThat(listed).containsExactlyElementsOf(pending.tailSet(new Due(from, 0)));
            long below = random.nextLong(end + 1);
            List<Due> low = new ArrayList<>();
            index.listBelow(below, (due, logOffset) -> low.add(new Due(due, logOffset)));
            assertThat(low)
                    .containsExactlyElementsOf(pending.stream()
                            .filter(due -> due.logOffset < below)
                            .toList());
        }

        private List<Entry> recordsOf(long timer) {
            return log.stream()
                    .filter(entry -> entry.logOffset == timer || entry.settles == timer)
                    .toList();
        }

        void finish() {
            checkpoint();
            mendBeforeListing();
            assertThat(index.count()).isGreaterThanOrEqualTo(pending.size());
            retryAt.values().forEach(at -> now = Math.max(now, at));
            now = 1 + Math.max(now, pending.isEmpty() ? 0 : pending.last().due);
            index.drainDue(now, (due, logOffset) -> {
                assertThat(pending.contains(new Due(due, logOffset)))
                        .as("%d due at %d: %s", logOffset, due, recordsOf(logOffset))
                        .isTrue();
                appendSettling(logOffset);
                return true;
            });
            assertThat(pending).isEmpty();
            index.flush(end);
            assertThat(index.count()).isZero();
            assertThat(index.firstLogOffset()).isEqualTo(Long.MAX_VALUE);
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
            assertThat(withDamage || damages.isEmpty()).isTrue();
        }
    }

    @Test
    void eachTimerIsHandedOutUntilItIsSettledAndNeverAfter() {
        Seeds.forEach(100, random -> play(random, false));
    }

    @Test
    void damagedRunsAreRebuiltFromTheLogAndNothingIsLostOrDoubled() {
        Seeds.forEach(100, random -> play(random, true));
    }

    /** Found by chance: the horizon was pulled in among timers of one due time, before the progress. */
    @Test
    void whatIsSettledDoesNotComeAgainWhenTheHorizonIsPulledInBeforeTheProgress() {
        play(new Random(-1514674055323121962L), false);
    }

    private static void play(RandomGenerator random, boolean withDamage) {
        World world = new World(random, withDamage);
        for (int i = 0; i < 300; i++) {
            world.step();
        }
        world.finish();
    }
}
