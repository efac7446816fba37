package org.merlinmq.broker.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.bytes.Bytes;

class DedupTableTest {
    private static final long WINDOW = 10_000;

    private final DedupMemory memory = new DedupMemory(64 << 20);
    private final DedupTable table = memory.table(WINDOW);

    private long claim(long hash, long now) {
        return table.claim(hash, now, DedupTable.NO_PLACE);
    }

    private static long mix(long number) {
        long mixed = (number + 1) * 0x9E3779B97F4A7C15L;
        return mixed ^ (mixed >>> 29);
    }

    @Test
    void aKeyIsNewOnceAndThenKnownByItsPlace() {
        for (long hash : new long[] {0, 1L << 63, -1, 77L << 30}) {
            assertThat(claim(hash, 5)).isEqualTo(DedupTable.CLAIMED);
            assertThat(claim(hash, 5)).isEqualTo(DedupTable.UNDER_WAY);
            table.settle(hash, 4711, 6);
            assertThat(claim(hash, 7)).isEqualTo(4711);
        }
    }

    private static long hash(String key) {
        byte[] bytes = Bytes.utf8(key);
        return DedupTable.hash(4711, bytes, 0, bytes.length);
    }

    @Test
    void keysThatAreCountedUpHaveSlotsBesideEachOther() {
        for (int first : new int[] {0x7F000000, 0x7F000040, 0x7F0000C0}) {
            Set<Long> slots = new HashSet<>();
            for (int i = 0; i < 64; i++) {
                slots.add(hash(String.format("%08X", first + i)) >>> 20 & 0x3FFF);
            }
            long least = Collections.min(slots);
            assertThat(least % 64).isZero();
            assertThat(slots).hasSize(64).allSatisfy(slot -> assertThat(slot).isLessThan(least + 64));
        }
        assertThat(hash("7F000000") >>> 26 & 0xFF).isNotEqualTo(hash("7F000040") >>> 26 & 0xFF);
    }

    @Test
    void keysThatEndAlikeAreSpreadOverAllSlots() {
        int[] counts = new int[64];
        for (int i = 0; i < 64_000; i++) {
            counts[(int) (hash(String.format("%08X-A", i)) >>> 20) & 63]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(800, 1_200);
        }
    }

    @Test
    void keysOfAllLengthsHaveHashesOfTheirOwn() {
        Set<Long> hashes = new HashSet<>();
        for (int length = 1; length <= 40; length++) {
            for (int changed = 0; changed < length; changed++) {
                byte[] key = Bytes.ascii("0".repeat(length));
                key[changed] = '1';
                hashes.add(DedupTable.hash(4711, key, 0, length) >>> 20);
            }
        }
        assertThat(hashes).hasSize(40 * 41 / 2);
    }

    @Test
    void keysWithOneSlotFillAllOthers() {
        for (int i = 0; i < 3_000; i++) {
            assertThat(claim((long) i << 34, 5)).isEqualTo(DedupTable.CLAIMED);
            table.settle((long) i << 34, i, 5);
        }
        for (int i = 0; i < 3_000; i++) {
            assertThat(claim((long) i << 34, 5)).isEqualTo(i);
        }
    }

    @Test
    void allKeysThatDifferInTheLastLettersHaveHashesOfTheirOwn() {
        Set<Long> hashes = new HashSet<>();
        for (int i = 0; i < 1 << 16; i++) {
            hashes.add(DedupTable.hash(4711, new byte[] {'U', (byte) (i >>> 8), (byte) i}, 0, 3) >>> 20);
        }
        assertThat(hashes).hasSize(1 << 16);
    }

    @Test
    void keysInOrderFillATableAsOthersDo() {
        int keys = 300_000;
        for (int i = 0; i < keys; i++) {
            long hash = hash(String.format("7F0000015A5A%08X", i));
            assertThat(claim(hash, 5)).isEqualTo(DedupTable.CLAIMED);
            table.settle(hash, i, 5);
        }
        for (int i = 0; i < keys; i++) {
            assertThat(claim(hash(String.format("7F0000015A5A%08X", i)), 6)).isEqualTo(i);
        }
        assertThat(memory.usedBytes()).isBetween(16L * keys * 4 / 3, 48L * keys);
    }

    @Test
    void aKeyWhoseSendWasRefusedIsNewAgain() {
        claim(mix(3), 5);
        table.release(mix(3));
        assertThat(claim(mix(3), 6)).isEqualTo(DedupTable.CLAIMED);
        assertThat(claim(mix(3), 6)).isEqualTo(DedupTable.UNDER_WAY);
    }

    @Test
    void aPlaceThatIsNoFirstSendIsPassedOverByOneAlone() {
        claim(mix(3), 5);
        table.settle(mix(3), 100, 5);
        assertThat(table.claim(mix(3), 6, 100)).isEqualTo(DedupTable.CLAIMED);
        assertThat(table.claim(mix(3), 6, 100)).isEqualTo(DedupTable.UNDER_WAY);
        table.settle(mix(3), 200, 6);
        assertThat(table.claim(mix(3), 6, 100)).isEqualTo(200);
    }

    @Test
    void whoWaitsIsWokenOnceByWhateverEndsTheFirst() {
        List<String> woken = new ArrayList<>();
        claim(mix(3), 5);
        assertThat(table.await(mix(3), () -> woken.add("a"))).isTrue();
        assertThat(table.await(mix(3), () -> woken.add("b"))).isTrue();
        table.settle(mix(3), 9, 5);
        assertThat(woken).containsExactly("a", "b");
        assertThat(table.await(mix(3), () -> woken.add("late"))).isFalse();
        claim(mix(4), 5);
        table.await(mix(4), () -> woken.add("c"));
        table.release(mix(4));
        claim(mix(5), 5);
        table.await(mix(5), () -> woken.add("d"));
        table.close();
        assertThat(woken).containsExactly("a", "b", "c", "d");
    }

    @Test
    void allKeysOfTheWindowAreKnownAndOldOnesAreForgotten() {
        long seed = 11;
        Random random = new Random(seed);
        Map<Long, Long> settledAt = new HashMap<>();
        long now = 1_000_000;
        for (int i = 0; i < 200_000; i++) {
            now += random.nextInt(2);
            long hash = mix(random.nextInt(60_000));
            Long stored = settledAt.get(hash);
            long place = claim(hash, now);
            if (stored != null && now - stored < WINDOW) {
                assertThat(place).as("seed %s, send %s", seed, i).isEqualTo(stored);
            } else if (place >= 0) {
                assertThat(table.claim(hash, now, place)).isEqualTo(DedupTable.CLAIMED);
                place = DedupTable.CLAIMED;
            }
            if (place == DedupTable.CLAIMED) {
                table.settle(hash, now, now);
                settledAt.put(hash, now);
            }
        }
        assertThat(table.coveredMillis(now)).isEqualTo(WINDOW);
        assertThat(memory.usedBytes()).isLessThan(4 << 20);
    }

    @Test
    void whereMemoryEndsTheOldestIsForgottenAndTheWindowIsShorter() {
        DedupMemory little = new DedupMemory(256 << 10);
        DedupTable small = little.table(WINDOW);
        long now = 1_000_000;
        for (int i = 0; i < 100_000; i++) {
            now = 1_000_000L + i / 20;
            assertThat(small.claim(mix(i), now, DedupTable.NO_PLACE)).isEqualTo(DedupTable.CLAIMED);
            small.settle(mix(i), i, now);
        }
        assertThat(little.usedBytes()).isLessThanOrEqualTo(little.maxBytes());
        long covered = small.coveredMillis(now);
        assertThat(covered).isBetween(20L, WINDOW - 1);
        for (int i = 100_000 - (int) covered * 20; i < 100_000; i++) {
            assertThat(small.claim(mix(i), now, DedupTable.NO_PLACE)).isEqualTo(i);
        }
        small.close();
        assertThat(little.usedBytes()).isZero();
    }

    @Test
    void sendsUnderWayAreNotForgottenForWantOfMemory() {
        DedupTable small = new DedupMemory(0).table(WINDOW);
        for (int i = 1; i <= 5_000; i++) {
            assertThat(small.claim(mix(-i), 0, DedupTable.NO_PLACE)).isEqualTo(DedupTable.CLAIMED);
        }
        for (int i = 0; i < 50_000; i++) {
            small.claim(mix(i), 0, DedupTable.NO_PLACE);
            small.settle(mix(i), i, 0);
        }
        for (int i = 1; i <= 5_000; i++) {
            assertThat(small.claim(mix(-i), 0, DedupTable.NO_PLACE)).isEqualTo(DedupTable.UNDER_WAY);
        }
    }

    private static void fill(DedupTable table, int from, int to, long now) {
        for (int i = from; i < to; i++) {
            table.claim(mix(i), now, DedupTable.NO_PLACE);
            table.settle(mix(i), i, now);
        }
    }

    @Test
    void whereMemoryEndsATableThatIsNoLongerUsedGivesItBack() {
        DedupMemory little = new DedupMemory(512 << 10);
        DedupTable idle = little.table(WINDOW);
        DedupTable busy = little.table(WINDOW);
        fill(idle, 0, 10_000, 0);
        fill(busy, 0, 10_000, 0);
        long ofIdle = idle.bytes();
        assertThat(ofIdle).isPositive();
        fill(busy, 10_000, 40_000, 2 * WINDOW);
        assertThat(idle.bytes()).isZero();
        assertThat(idle.coveredMillis(2 * WINDOW)).isEqualTo(WINDOW);
        assertThat(little.usedBytes()).isEqualTo(busy.bytes());
    }

    @Test
    void aTableThatComesLaterGetsItsShareOfTheMemory() {
        DedupMemory little = new DedupMemory(1 << 20);
        DedupTable first = little.table(WINDOW);
        DedupTable second = little.table(WINDOW);
        fill(first, 0, 100_000, 0);
        long alone = first.bytes();
        for (int i = 0; i < 1_000; i++) {
            fill(second, 100 * i, 100 * i + 100, i);
        }
        assertThat(second.bytes()).isGreaterThan(alone / 4);
        assertThat(first.bytes()).isLessThan(alone);
        assertThat(little.usedBytes()).isLessThanOrEqualTo(little.maxBytes() + little.maxBytes() / 8);
        assertThat(first.coveredMillis(1_000)).isLessThan(WINDOW);
    }

    /** And where the clock is set back. */
    @Test
    void aThreadThatReadTheClockEarlierForgetsNothingThatCameSince() {
        long wrap = (1L << 20) * 100;
        for (long base : new long[] {1_000_000, wrap - 200, wrap - 100, wrap, wrap + 100}) {
            DedupTable skewed = memory.table(WINDOW);
            for (int i = 0; i < 20_000; i++) {
                fill(skewed, i, i + 1, base - 100L * (i % 7));
            }
            for (int i = 0; i < 20_000; i++) {
                assertThat(skewed.claim(mix(i), base, DedupTable.NO_PLACE)).isEqualTo(i);
            }
            skewed.close();
        }
    }

    @Test
    void ofAWindowThatIsMadeLongerOnlyWhatWasKeptIsCovered() {
        for (int i = 0; i < 50_000; i++) {
            claim(mix(i), i * 2L);
            table.settle(mix(i), i, i * 2L);
        }
        assertThat(table.coveredMillis(100_000)).isEqualTo(WINDOW);
        table.windowMillis(10 * WINDOW);
        long covered = table.coveredMillis(100_000);
        assertThat(covered).isBetween(WINDOW, 10 * WINDOW - 1);
        for (int i = 50_000 - (int) covered / 2; i < 50_000; i++) {
            assertThat(claim(mix(i), 100_000)).isEqualTo(i);
        }
    }

    @Test
    void afterItIsClosedEachKeyIsNew() {
        claim(mix(3), 5);
        table.close();
        table.settle(mix(3), 9, 5);
        assertThat(claim(mix(3), 5)).isEqualTo(DedupTable.CLAIMED);
        assertThat(memory.usedBytes()).isZero();
    }

    @Test
    void ofManyThreadsOneGetsEachKey() throws InterruptedException {
        oneGetsEach(DedupTableTest::mix);
    }

    @Test
    void ofManyThreadsOneGetsEachKeyOfAStripe() throws InterruptedException {
        oneGetsEach(i -> mix(i) >>> 8);
    }

    private void oneGetsEach(LongUnaryOperator hash) throws InterruptedException {
        int keys = 8_000;
        AtomicIntegerArray winners = new AtomicIntegerArray(keys);
        CountDownLatch begin = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    begin.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                for (int i = 0; i < keys; i++) {
                    long key = hash.applyAsLong(i);
                    if (claim(key, i / 10) == DedupTable.CLAIMED) {
                        winners.incrementAndGet(i);
                        table.settle(key, i, i / 10);
                    }
                }
            }));
        }
        begin.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        for (int i = 0; i < keys; i++) {
            assertThat(winners.get(i)).as("key %s", i).isEqualTo(1);
            assertThat(claim(hash.applyAsLong(i), keys / 10)).isEqualTo(i);
        }
    }
}
