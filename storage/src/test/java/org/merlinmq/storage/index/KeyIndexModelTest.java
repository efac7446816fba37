package org.merlinmq.storage.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.storage.index.LogIndex.RecoveryPoint;
import org.merlinmq.storage.run.PairRebuild;
import org.merlinmq.storage.run.RunFile;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimDisk;

/** The index against a list in memory, through flushes, merges, retention, kills and flipped bits. */
class KeyIndexModelTest {

    private static final Path FOLDER = Path.of("/store/index");

    private record Key(long hash, long logOffset) {}

    private static final class World {
        private final RandomGenerator random;
        private final ReentrantLock appendLock = new ReentrantLock();
        private final List<Damage> damages = new ArrayList<>();
        private final List<Key> keys = new ArrayList<>();
        private SimDisk disk = new SimDisk();
        private KeyIndex index = open(Points.NONE);
        private RecoveryPoint checkpoint = Points.NONE;
        private List<RunFile> named = List.of();
        private long end;
        private long min;

        World(RandomGenerator random) {
            this.random = random;
        }

        private KeyIndex open(RecoveryPoint last) {
            KeyIndex opened = KeyIndex.open(disk, FOLDER, appendLock, damages::add);
            opened.recover(last);
            return opened;
        }

        private long hash() {
            return (random.nextInt(20) - 10L) << 40;
        }

        void step() {
            switch (random.nextInt(16)) {
                case 0 -> index.merge();
                case 1, 2 -> checkpoint();
                case 3 -> restart();
                case 4 -> retain();
                case 5 -> damage();
                case 6, 7, 8 -> query();
                default -> add();
            }
        }

        private void add() {
            for (int n = random.nextInt(60); n >= 0; n--) {
                Key key = new Key(hash(), end);
                keys.add(key);
                index.add(key.hash, key.logOffset);
                end += random.nextInt(3);
                if (random.nextInt(10) == 0) {
                    end += 100;
                }
            }
        }

        private void checkpoint() {
            long from = checkpoint.upToLogOffset();
            long upTo = from + (long) (random.nextDouble() * (end - from));
            index.flush(upTo);
            checkpoint = Points.of(index, upTo);
            named = index.live();
            index.deleteRetired();
        }

        private void restart() {
            disk = disk.losePower(random);
            index = open(checkpoint);
            index.retain(min);
            keys.stream()
                    .filter(key -> key.logOffset >= checkpoint.upToLogOffset())
                    .forEach(key -> index.add(key.hash, key.logOffset));
        }

        private void retain() {
            min = Math.min(checkpoint.upToLogOffset(), min + random.nextInt(200));
            index.retain(min);
        }

        private void damage() {
            List<RunFile> live = named;
            if (live.isEmpty()) {
                return;
            }
            restart();
            RunFile file = live.get(random.nextInt(live.size()));
            Path path = FOLDER.resolve(file.name());
            if (!index.live().contains(file) || !disk.exists(path)) {
                return;
            }
            disk.flip(path, random.nextLong(file.bytes() * 8));
            restart();
            Set<Key> known = new HashSet<>(keys);
            for (int i = -10; i < 10; i++) {
                long hash = (long) i << 40;
                index.query(hash, min, end + 1, at -> {
                    assertThat(known.contains(new Key(hash, at))).isTrue();
                    return true;
                });
            }
            for (RunFile damaged : index.damaged()) {
                PairRebuild rebuild = index.rebuild(damaged);
                keys.forEach(key -> rebuild.add(key.hash, key.logOffset));
                rebuild.finish();
            }
            assertThat(index.damaged()).isEmpty();
            checkpoint = Points.of(index, checkpoint.upToLogOffset());
            named = index.live();
            index.deleteRetired();
        }

        private void all(long from) {
            Set<Key> visited = new HashSet<>();
            List<RunFile> unread = index.forEach(from, (hash, at) -> visited.add(new Key(hash, at)));
            assertThat(unread).isEmpty();
            Set<Key> wanted = new HashSet<>(keys);
            wanted.removeIf(key -> key.logOffset < from);
            assertThat(visited).isEqualTo(wanted);
        }

        void query() {
            all(Math.max(min, random.nextLong(end + 1)));
            long hash = hash();
            long from = Math.max(min, random.nextLong(end + 1));
            long to = random.nextBoolean() ? end + 1 : random.nextLong(end + 1);
            int max = 1 + random.nextInt(30);
            List<Long> found = new ArrayList<>();
            index.query(hash, from, to, at -> {
                found.add(at);
                return found.size() < max;
            });
            List<Long> expected = keys.reversed().stream()
                    .filter(key -> key.hash == hash && key.logOffset >= from && key.logOffset < to)
                    .map(Key::logOffset)
                    .distinct()
                    .limit(max)
                    .toList();
            assertThat(found).isEqualTo(expected);
        }
    }

    @Test
    void indexIsWhatTheListIs() {
        Seeds.forEach(60, random -> {
            World world = new World(random);
            for (int i = 0; i < 300; i++) {
                world.step();
            }
        });
    }
}
