package org.merlinmq.storage.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimDisk;

class RunTest {

    private static final Path FOLDER = Path.of("/store/index");
    private static final RunKind QUEUE = new RunKind(1, "queue", RunKind.QUEUE_ENTRY_BYTES);
    private static final RunKind PAIRS = new RunKind(2, "key", RunKind.PAIR_BYTES);

    private static RunStore store(SimDisk disk, RunKind kind, List<Damage> damages) {
        return new RunStore(disk, FOLDER, kind, damages::add);
    }

    private static RunFile queueRun(RunStore store) {
        try (RunWriter out = store.newRun()) {
            for (int handle = 3; handle < 6; handle++) {
                for (int i = 0; i < 4; i++) {
                    out.queueEntry(1000L * handle + i, i, handle);
                }
                out.directory(handle, 10, 4, 1000L * handle + 3);
            }
            RunFile file = out.finish();
            store.append(file);
            return file;
        }
    }

    private static void readAll(Run run) {
        for (int line = 0; line < run.directoryCount(); line++) {
            for (int i = 0; i < run.count(line); i++) {
                assertThat(run.field(run.firstEntry(line) + i, 0)).isEqualTo(1000L * run.handle(line) + i);
                assertThat(run.field(run.firstEntry(line) + i, 1)).isEqualTo(i);
                assertThat(run.field(run.firstEntry(line) + i, 2)).isEqualTo(run.handle(line));
            }
        }
    }

    @Test
    void anyFlippedBitIsDetectedAtTheLatestWhenItIsRead() {
        SimDisk disk = new SimDisk();
        RunFile file = queueRun(store(disk, QUEUE, new ArrayList<>()));
        Path path = FOLDER.resolve(file.name());
        readAll(Run.open(disk, FOLDER, file));
        for (long bit = 0; bit < file.bytes() * 8; bit++) {
            disk.flip(path, bit);
            assertThatThrownBy(() -> readAll(Run.open(disk, FOLDER, file)))
                    .as("bit %d", bit)
                    .isInstanceOf(DamagedRunException.class)
                    .hasMessageContaining(file.name());
            disk.flip(path, bit);
        }
    }

    @Test
    void cutAndMissingFilesAreDamage() {
        SimDisk disk = new SimDisk();
        List<Damage> damages = new ArrayList<>();
        RunFile file = queueRun(store(disk, QUEUE, damages));
        disk.delete(FOLDER.resolve(file.name()));
        RunStore again = store(disk, QUEUE, damages);
        again.recover(List.of(file));
        assertThat(again.damaged()).containsExactly(file);
        assertThat(again.live()).containsExactly(file);
        assertThat(damages)
                .singleElement()
                .extracting(Damage::what)
                .asString()
                .startsWith("the file is missing; nothing is lost");
    }

    @Test
    void unfinishedAndUnnamedRunsAreDeleted() {
        SimDisk disk = new SimDisk();
        RunStore store = store(disk, QUEUE, new ArrayList<>());
        RunFile file = queueRun(store);
        queueRun(store);
        store(disk, QUEUE, new ArrayList<>()).recover(List.of(file));
        assertThat(disk.files()).containsExactly(FOLDER.resolve(file.name()));
    }

    @Test
    void aReplacedRunStaysReadableForThoseInside() {
        SimDisk disk = new SimDisk();
        RunStore store = store(disk, QUEUE, new ArrayList<>());
        queueRun(store);
        Run run = store.runs()[0];
        assertThat(run.acquire()).isTrue();
        store.replace(List.of(run), List.of());
        store.deleteRetired();
        readAll(run);
        run.release();
        assertThat(run.acquire()).isFalse();
        assertThat(disk.files()).isEmpty();
    }

    @Test
    void filesComeBackFromTheirBytes() {
        List<RunFile> files = List.of(new RunFile(QUEUE, 1, 2, 3, 4, 5), new RunFile(QUEUE, 6, 7, 8, 9, 10));
        ByteBuffer bytes = ByteBuffer.wrap(RunFile.write(files));
        assertThat(RunFile.read(bytes.duplicate(), QUEUE)).isEqualTo(files);
        for (int cut = 0; cut < bytes.limit(); cut++) {
            ByteBuffer less = bytes.slice(0, cut);
            assertThatThrownBy(() -> RunFile.read(less, QUEUE)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void pairsAreSortedByKeyAndKeepTheirOrder() {
        Seeds.forEach(50, random -> {
            int bits = random.nextInt(64);
            expectSorted(random.nextInt(2000), () -> random.nextLong() >>> bits);
        });
    }

    @Test
    void pairsWhoseKeysShareTheirHighBytesAreSortedToo() {
        Seeds.forEach(50, random -> {
            long[] high = {random.nextLong() << 24, random.nextLong() << 24};
            expectSorted(random.nextInt(2000), () -> high[random.nextInt(2)] | random.nextInt(1 << 24));
        });
    }

    private static void expectSorted(int count, LongSupplier keys) {
        long[][] expected = new long[count][];
        long[] pairs = new long[count * 2];
        for (int i = 0; i < count; i++) {
            expected[i] = new long[] {keys.getAsLong(), i};
            pairs[2 * i] = expected[i][0];
            pairs[2 * i + 1] = i;
        }
        Arrays.sort(expected, (a, b) -> Long.compareUnsigned(a[0], b[0]));
        long[] sorted = PairSort.sort(pairs, count);
        for (int i = 0; i < count; i++) {
            assertThat(sorted[2 * i]).isEqualTo(expected[i][0]);
            assertThat(sorted[2 * i + 1]).isEqualTo(expected[i][1]);
        }
    }

    @Test
    void runsOfOneSizeAreMergeableOnceThereAreEnough() {
        SimDisk disk = new SimDisk();
        RunStore store = store(disk, QUEUE, new ArrayList<>());
        for (int runs = 1; runs < RunStore.FAN_IN; runs++) {
            queueRun(store);
            assertThat(store.mergeable()).isEmpty();
        }
        queueRun(store);
        assertThat(store.mergeable()).hasSize(RunStore.FAN_IN);
    }

    @Test
    void runsOfMiddleSizeStayUntilThereAreMany() {
        RunStore store = new RunStore(new SimDisk(), FOLDER, PAIRS, damage -> {}, 1000);
        for (int runs = 1; runs < RunStore.MIDDLE_RUNS; runs++) {
            store.append(pairs(store, 10));
            assertThat(store.mergeable()).isEmpty();
        }
        store.append(pairs(store, 10));
        assertThat(store.mergeable()).containsExactly(store.runs());
    }

    @Test
    void ofMoreRunsThanMakeAFullOneTheOldestAreMerged() {
        RunStore store = new RunStore(new SimDisk(), FOLDER, PAIRS, damage -> {}, 1000);
        store.append(pairs(store, 400));
        for (int runs = 1; runs <= RunStore.MIDDLE_RUNS; runs++) {
            assertThat(store.mergeable()).isEmpty();
            store.append(pairs(store, 50));
        }
        assertThat(store.mergeable()).containsExactly(Arrays.copyOf(store.runs(), 13));
    }

    @Test
    void fewLargeRunsThatMakeAFullOneAreMergedAndTheFullOneIsNot() {
        RunStore store = new RunStore(new SimDisk(), FOLDER, PAIRS, damage -> {}, 1000);
        for (int runs = 1; runs <= 5; runs++) {
            store.append(pairs(store, 100));
            assertThat(store.mergeable()).isEmpty();
        }
        store.append(pairs(store, 100));
        List<Run> olds = store.mergeable();
        assertThat(olds).hasSize(6);
        store.replace(olds, List.of(pairs(store, 600)));
        for (int runs = 1; runs <= 5; runs++) {
            store.append(pairs(store, 100));
            assertThat(store.mergeable()).isEmpty();
        }
        store.append(pairs(store, 100));
        assertThat(store.mergeable()).hasSize(6);
    }

    @Test
    void runsAreFewHoweverTheirSizesFollow() {
        Seeds.forEach(30, random -> {
            RunStore store = new RunStore(new SimDisk(), FOLDER, PAIRS, damage -> {}, 1024);
            int most = random.nextInt(2, 500);
            int full = 0;
            for (int i = 0; i < 1000; i++) {
                int count = random.nextInt(10) == 0 ? random.nextInt(1, most) : random.nextInt(1, 8);
                store.append(pairs(store, count));
                for (List<Run> olds = store.mergeable(); !olds.isEmpty(); olds = store.mergeable()) {
                    int sum = (int) olds.stream().mapToLong(Run::entries).sum();
                    assertThat(sum).isLessThanOrEqualTo(1024);
                    full += sum > 512 ? 1 : 0;
                    store.replace(olds, List.of(pairs(store, sum)));
                }
                store.deleteRetired();
                assertThat(store.runs().length - full).isLessThan(2 * RunStore.FAN_IN + RunStore.MIDDLE_RUNS);
            }
        });
    }

    private static RunFile pairs(RunStore store, int count) {
        try (RunWriter out = store.newRun()) {
            for (int i = 0; i < count; i++) {
                out.pair(i, i, i);
            }
            return out.finish();
        }
    }

    @Test
    void pairsOfManyRunsAreMergedInOrderFromAnyKeyOn() {
        Seeds.forEach(30, random -> {
            RunStore store = store(new SimDisk(), PAIRS, new ArrayList<>());
            List<PairSource> sources = new ArrayList<>();
            List<long[]> all = new ArrayList<>();
            int bits = random.nextInt(55, 64);
            for (int i = random.nextInt(1, 20); i > 0; i--) {
                int count = random.nextInt(1, 1500);
                long[] unsorted = random.longs(count * 2L).map(n -> n >>> bits).toArray();
                long[][] some = new long[count][];
                Arrays.setAll(some, n -> new long[] {unsorted[2 * n], unsorted[2 * n + 1]});
                Arrays.sort(some, RunTest::compare);
                all.addAll(List.of(some));
                sources.add(random.nextBoolean() ? inMemory(some) : inRun(store, some));
            }
            long fromKey = random.nextLong() >>> bits;
            long fromValue = random.nextLong() >>> bits;
            PairMerge merge = new PairMerge(sources, fromKey, fromValue);
            List<long[]> merged = new ArrayList<>();
            while (merge.advance()) {
                merged.add(new long[] {merge.key(), merge.value()});
            }
            assertThat(merge.advance()).isFalse();
            assertThat(merged.toArray(long[][]::new))
                    .isDeepEqualTo(all.stream()
                            .filter(pair -> compare(pair, new long[] {fromKey, fromValue}) >= 0)
                            .sorted(RunTest::compare)
                            .toArray(long[][]::new));
        });
    }

    @Test
    void whereAHashStandsIsFoundHoweverHashesAreSpread() {
        Seeds.forEach(50, random -> {
            int bits = random.nextInt(64);
            long[][] pairs = new long[random.nextInt(3000)][];
            Arrays.setAll(pairs, n -> new long[] {random.nextLong() >>> bits, random.nextLong(3)});
            Arrays.sort(pairs, RunTest::compare);
            PairSource source = inMemory(pairs);
            for (int i = 0; i < 200; i++) {
                long hash = random.nextLong() >>> random.nextInt(64);
                if (pairs.length > 0 && random.nextBoolean()) {
                    hash = pairs[random.nextInt(pairs.length)][0];
                }
                long value = random.nextLong(5) - 1;
                assertThat(source.ceilingOfHash(hash, value)).isEqualTo(source.ceiling(hash, value));
            }
        });
    }

    private static int compare(long[] a, long[] b) {
        int order = Long.compareUnsigned(a[0], b[0]);
        return order != 0 ? order : Long.compare(a[1], b[1]);
    }

    private static PairSource inMemory(long[][] pairs) {
        return PairSource.of(Arrays.stream(pairs).flatMapToLong(Arrays::stream).toArray(), pairs.length);
    }

    private static PairSource inRun(RunStore store, long[][] pairs) {
        try (RunWriter out = store.newRun()) {
            for (long[] pair : pairs) {
                out.pair(pair[0], pair[1], pair[1]);
            }
            return store.open(out.finish());
        }
    }
}
