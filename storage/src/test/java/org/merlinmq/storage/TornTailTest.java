package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.testkit.SimDisk;

/** The end of the log after a crash in the middle of a write. */
final class TornTailTest {
    private static final int MESSAGES = 5;
    private static final long PAGE = 4096;

    private static void fill(Fixture store) {
        for (int i = 0; i < MESSAGES; i++) {
            store.append("T", 0, "message " + i);
        }
    }

    private static SimDisk torn(long cutAt, long end, boolean garbage) {
        Fixture store = new Fixture(new SimDisk());
        fill(store);
        SimDisk disk = store.disk.killProcess();
        store.storage.close();
        byte[] tail = new byte[(int) (end - cutAt)];
        if (garbage) {
            new Random(cutAt).nextBytes(tail);
        }
        try (DiskFile file = disk.open(Fixture.segment(0))) {
            file.write(cutAt, tail, 0, tail.length);
        }
        return disk;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTailTornAtAnyByteIsCutAndTheLogGoesOn(boolean garbage) {
        Fixture whole = new Fixture(new SimDisk());
        fill(whole);
        long end = whole.storage.maxLogOffset();
        long last = whole.batch.logOffset(0);
        whole.storage.close();
        // Random bytes are told from what was written by the body's checksum, zeros everywhere.
        long upTo = garbage ? end - "T".length() - 3 : end;
        for (long cutAt = last; cutAt < upTo; cutAt++) {
            Fixture store = new Fixture(torn(cutAt, end, garbage));
            Map<Long, String> left = store.read("T", 0);
            // The last bytes of a record may be zero themselves.
            assertThat(left.size()).isBetween(MESSAGES - 1, MESSAGES);
            if (left.size() == MESSAGES) {
                assertThat(left).containsEntry(MESSAGES - 1L, "message " + (MESSAGES - 1));
                store.storage.close();
                continue;
            }
            assertThat(store.storage.maxLogOffset()).isEqualTo(last);
            // A shorter record leaves bytes of the torn one behind it, which must not come back.
            store.append("T", 0, "m");
            SimDisk again = store.disk.killProcess();
            store.storage.close();
            Fixture reopened = new Fixture(again);
            left.put(MESSAGES - 1L, "m");
            assertThat(reopened.read("T", 0)).isEqualTo(left);
            assertThat(reopened.storage.maxLogOffset()).isGreaterThan(last);
            reopened.storage.close();
        }
    }

    @Test
    void wholeRecordsBehindATornOneStayAndTheTornOneIsSkipped() {
        Fixture store = new Fixture(new SimDisk());
        fill(store);
        long third = store.append("T", 0, "will be torn");
        store.append("T", 0, "behind it");
        store.append("U", 0, "other queue");
        SimDisk disk = store.disk.killProcess();
        store.storage.close();
        disk.flip(Fixture.segment(0), (third + 90) * 8);
        Fixture after = new Fixture(disk);
        assertThat(after.read("T", 0)).hasSize(MESSAGES + 1).containsEntry(MESSAGES + 1L, "behind it");
        assertThat(after.read("U", 0)).containsEntry(0L, "other queue");
        after.append("T", 0, "new");
        assertThat(after.read("T", 0)).containsEntry(MESSAGES + 2L, "new");
        after.storage.close();
    }

    /** The scan reads 4 MiB at a time: the zeros go on where what it has read ends. */
    @Test
    void aRecordBehindATornOneAndMegabytesOfZerosIsFound() {
        StorageConfig large = Fixture.CONFIG.withSegmentBytes(16 << 20).withCheckpoints(1 << 30, Duration.ofDays(1));
        Fixture store = new Fixture(new SimDisk(), large);
        fill(store);
        long torn = store.append("T", 0, "x".repeat(30_000));
        for (int i = 0; i < 170; i++) {
            store.append("T", 0, "x".repeat(30_000));
        }
        long behind = store.append("U", 0, "behind it");
        SimDisk disk = store.disk.killProcess();
        store.storage.close();
        byte[] rest = new byte[(int) (behind - torn)];
        rest[20] = 1;
        rest[rest.length - 1] = 1; // the end of a write that a kill stopped would be zero
        try (DiskFile file = disk.open(Fixture.segment(0))) {
            file.write(torn, rest, 0, rest.length);
        }
        Fixture after = new Fixture(disk, large);
        assertThat(after.read("T", 0)).hasSize(MESSAGES);
        assertThat(after.read("U", 0)).containsEntry(0L, "behind it");
        after.storage.close();
    }

    /** A kill ends a write between two pages. What another thread wrote behind it was not acknowledged either. */
    @Test
    void aWriteThatAKillEndedEndsTheLog() {
        StorageConfig large = Fixture.CONFIG.withSegmentBytes(64 << 10).withCheckpoints(1 << 30, Duration.ofDays(1));
        for (String body : List.of("x".repeat(5_000), "x".repeat(9_000))) {
            for (int page = 1; page <= body.length() / PAGE; page++) {
                Fixture store = new Fixture(new SimDisk(), large);
                fill(store);
                long torn = store.append("T", 0, body);
                long behind = store.append("T", 0, "written, and not acknowledged before the other is");
                store.append("U", 0, "nor is this");
                SimDisk disk = store.disk.killProcess();
                store.storage.close();
                long from = page * PAGE;
                try (DiskFile file = disk.open(Fixture.segment(0))) {
                    file.write(from, new byte[(int) (behind - from)], 0, (int) (behind - from));
                }
                Fixture after = new Fixture(disk, large);
                assertThat(after.storage.maxLogOffset()).isEqualTo(torn);
                assertThat(after.read("T", 0)).hasSize(MESSAGES);
                after.append("T", 0, "new");
                assertThat(after.read("T", 0)).containsEntry((long) MESSAGES, "new");
                after.storage.close();
            }
        }
    }

    /** A store with ten records in queue 0 of T and one behind them in U, of which the disk has lost a page in the middle. */
    private static SimDisk withALostPage(StorageConfig config, boolean ofGroup) {
        Fixture store = new Fixture(new SimDisk(), config);
        if (ofGroup) {
            store.storage.epochs().begin(256, 0);
        }
        for (int i = 0; i < 10; i++) {
            store.append("T", 0, "x".repeat(3_000));
        }
        store.append("U", 0, "behind it");
        SimDisk disk = store.disk.killProcess();
        store.storage.close();
        try (DiskFile file = disk.open(Fixture.segment(0))) {
            file.write(2 * PAGE, new byte[(int) PAGE], 0, (int) PAGE);
        }
        return disk;
    }

    /** Such a page does not look like an unfinished write: the record that begins in it and ends behind is damaged, too. */
    @Test
    void recordsBehindAPageThatIsLostStay() {
        StorageConfig large = Fixture.CONFIG.withSegmentBytes(64 << 10).withCheckpoints(1 << 30, Duration.ofDays(1));
        Fixture after = new Fixture(withALostPage(large, false), large);
        assertThat(after.read("T", 0).size()).isBetween(7, 8);
        assertThat(after.read("U", 0)).containsEntry(0L, "behind it");
        after.storage.close();
    }

    /** Slaves take the log byte by byte, and could not take over a record that is damaged. */
    @Test
    void theLogOfAMemberOfABrokerGroupEndsAtAPageThatIsLost() {
        StorageConfig large = Fixture.CONFIG.withSegmentBytes(64 << 10).withCheckpoints(1 << 30, Duration.ofDays(1));
        Fixture after = new Fixture(withALostPage(large, true), large);
        assertThat(after.read("T", 0)).hasSize(2);
        assertThat(after.read("U", 0)).isEmpty();
        assertThat(after.storage.maxLogOffset()).isLessThan(2 * PAGE);
        after.append("T", 0, "new");
        assertThat(after.read("T", 0)).containsEntry(2L, "new");
        after.storage.close();
    }

    @Test
    void aHoleThatAKillLeavesEndsALogThatIsTooYoungForACheckpointOfItsOwn() {
        StorageConfig rarely = Fixture.CONFIG.withCheckpoints(1 << 30, Duration.ofDays(1));
        Fixture store = new Fixture(new SimDisk(), rarely);
        fill(store);
        long unwritten = store.append("T", 0, "has its place, and is not written when the kill comes");
        long behind = store.append("T", 0, "is written, and not acknowledged before the other is");
        SimDisk disk = store.disk.killProcess();
        store.storage.close();
        try (DiskFile file = disk.open(Fixture.segment(0))) {
            file.write(unwritten, new byte[(int) (behind - unwritten)], 0, (int) (behind - unwritten));
        }
        Fixture after = new Fixture(disk, rarely);
        assertThat(after.storage.maxLogOffset()).isEqualTo(unwritten);
        assertThat(after.read("T", 0)).hasSize(MESSAGES);
        after.append("T", 0, "new");
        assertThat(after.read("T", 0)).containsEntry((long) MESSAGES, "new");
        after.storage.close();
    }

    @Test
    void aGroupsStoreKnowsThatItGaveUpRecordsUntilThatIsKept() {
        StorageConfig large = Fixture.CONFIG.withSegmentBytes(64 << 10).withCheckpoints(1 << 30, Duration.ofDays(1));
        Fixture first = new Fixture(withALostPage(large, true), large);
        assertThat(first.storage.hasLostRecords()).isTrue();
        SimDisk disk = first.disk.losePowerAndAllUnsynced();
        first.storage.close();
        Fixture again = new Fixture(disk, large);
        assertThat(again.read("T", 0)).as("nothing is left of the damage").hasSizeLessThan(8);
        assertThat(again.storage.hasLostRecords()).isTrue();
        again.storage.lossIsKnown();
        SimDisk last = disk.losePowerAndAllUnsynced();
        again.storage.close();
        Fixture known = new Fixture(last, large);
        assertThat(known.storage.hasLostRecords()).isFalse();
        known.storage.close();
    }

    @Test
    void theHoleOfACrashIsNoLoss() {
        StorageConfig large = Fixture.CONFIG.withSegmentBytes(64 << 10).withCheckpoints(1 << 30, Duration.ofDays(1));
        Fixture store = new Fixture(new SimDisk(), large);
        store.storage.epochs().begin(256, 0);
        long hole = store.append("T", 0, "x".repeat(3_000));
        int bytes = (int) (store.append("T", 0, "behind it") - hole);
        SimDisk disk = store.disk.killProcess();
        store.storage.close();
        try (DiskFile file = disk.open(Fixture.segment(0))) {
            file.write(hole, new byte[bytes], 0, bytes);
        }
        Fixture after = new Fixture(disk, large);
        assertThat(after.read("T", 0)).isEmpty();
        assertThat(after.storage.hasLostRecords()).isFalse();
        after.storage.close();
    }
}
