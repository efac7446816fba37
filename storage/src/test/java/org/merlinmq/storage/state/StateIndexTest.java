package org.merlinmq.storage.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.storage.index.LogIndex.RecoveryPoint;
import org.merlinmq.storage.index.Points;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimDisk;

class StateIndexTest {
    private static final Path FOLDER = Path.of("/store/merlin");

    private final List<Damage> damages = new ArrayList<>();
    private final TreeMap<Long, StateChange> log = new TreeMap<>();
    private long readFrom;

    private StateIndex open(SimDisk disk, long logEnd) {
        return open(disk, RecoveryPoint.none(0, logEnd), logEnd);
    }

    private StateIndex open(SimDisk disk, RecoveryPoint last, long logEnd) {
        StateIndex index = StateIndex.open(disk, FOLDER, damages::add);
        readFrom = index.recover(last);
        log.tailMap(readFrom).headMap(Math.max(logEnd, readFrom)).forEach(index::apply);
        return index;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static StateChange put(String key, String value) {
        return new StateChange().put(7, bytes(key), bytes(value));
    }

    private static void into(Map<String, String> map, StateChange change) {
        change.forEach((type, key, value) -> into(map, type, key, value));
    }

    private static void into(Map<String, String> map, int type, byte[] key, byte @Nullable [] value) {
        String name = type + ":" + new String(key, StandardCharsets.UTF_8);
        if (value == null) {
            map.remove(name);
        } else {
            map.put(name, new String(value, StandardCharsets.UTF_8));
        }
    }

    private static Map<String, String> content(StateIndex index) {
        Map<String, String> map = new TreeMap<>();
        index.replay((type, key, value) -> into(map, type, key, value));
        return map;
    }

    private Map<String, String> asOf(long logOffset) {
        Map<String, String> map = new TreeMap<>();
        log.headMap(logOffset).values().forEach(change -> into(map, change));
        return map;
    }

    private void append(StateIndex index, long logOffset, StateChange change) {
        log.put(logOffset, change);
        index.apply(logOffset, change);
    }

    @Test
    void aSnapshotIsExactlyTheStateAsOfItsLogOffset() {
        SimDisk disk = new SimDisk();
        StateIndex index = open(disk, 0);
        assertThat(index.isEmpty()).isTrue();
        append(index, 0, put("a", "1").put(8, bytes("a"), bytes("x")));
        append(index, 100, put("b", "1"));
        append(index, 200, put("a", "2").remove(8, bytes("a")));
        index.flush(200);
        log.tailMap(200L).clear();
        assertThat(content(open(disk, 200))).isEqualTo(Map.of("7:a", "1", "7:b", "1", "8:a", "x"));
        assertThat(content(index)).as("of the one that goes on").isEqualTo(Map.of("7:a", "2", "7:b", "1"));
    }

    @Test
    void withoutChangesNothingIsWritten() {
        SimDisk disk = new SimDisk();
        StateIndex index = open(disk, 0);
        index.flush(50);
        assertThat(disk.count("create")).isZero();
        append(index, 60, put("a", "1"));
        index.flush(60);
        assertThat(disk.count("create")).isZero();
        index.flush(61);
        index.flush(100);
        assertThat(disk.count("create")).isEqualTo(1);
    }

    @Test
    void randomChangesAndSnapshotsEqualTheirModelAtEachOffset() {
        Seeds.forEach(200, random -> {
            log.clear();
            SimDisk disk = new SimDisk();
            StateIndex index = open(disk, 0);
            long end = 0;
            long flushed = 0;
            for (int i = 0; i < 60; i++) {
                int step = random.nextInt(10);
                if (step < 7) {
                    append(index, end, random(random));
                    end += 1 + random.nextInt(200);
                } else if (step < 9) {
                    flushed += (long) (random.nextDouble() * (end - flushed + 1));
                    index.flush(flushed);
                } else {
                    disk = random.nextBoolean() ? disk.losePower(random) : disk.killProcess();
                    index = open(disk, end);
                }
                assertThat(content(index)).isEqualTo(asOf(end));
            }
        });
        assertThat(damages).isEmpty();
    }

    private static StateChange random(RandomGenerator random) {
        StateChange change = new StateChange();
        for (int i = random.nextInt(4); i >= 0; i--) {
            byte[] key = bytes("k" + random.nextInt(6));
            if (random.nextInt(3) == 0) {
                change.remove(random.nextInt(2), key);
            } else {
                change.put(random.nextInt(2), key, bytes("v" + random.nextInt(1000)));
            }
        }
        return change;
    }

    private SimDisk withTwoSnapshots() {
        SimDisk disk = new SimDisk();
        StateIndex index = open(disk, 0);
        append(index, 0, put("a", "1"));
        index.flush(90);
        append(index, 100, put("b", "2"));
        index.flush(190);
        append(index, 200, put("c", "3"));
        return disk;
    }

    private static Path file(int number) {
        return FOLDER.resolve("state-%020d.snap".formatted(number));
    }

    private void assertWhole(SimDisk disk) {
        StateIndex index = open(disk, 300);
        assertThat(content(index)).isEqualTo(Map.of("7:a", "1", "7:b", "2", "7:c", "3"));
    }

    @Test
    void aFlippedBitAnywhereInEitherSnapshotCostsNothing() {
        for (int number = 1; number <= 2; number++) {
            long bits = 8L * withTwoSnapshots().bytes(file(number)).length;
            for (long bit = 0; bit < bits; bit++) {
                log.clear();
                damages.clear();
                SimDisk disk = withTwoSnapshots();
                disk.flip(file(number), bit);
                assertWhole(disk);
                assertThat(damages).as("bit " + bit).hasSize(1);
                assertThat(damages.getFirst().file()).isEqualTo(file(number));
            }
        }
    }

    @Test
    void aCutEmptiedOrDeletedSnapshotCostsNothing() {
        for (int number = 1; number <= 2; number++) {
            int size = withTwoSnapshots().bytes(file(number)).length;
            for (int left = -1; left < size; left++) {
                log.clear();
                SimDisk disk = withTwoSnapshots();
                if (left < 0) {
                    disk.delete(file(number));
                } else {
                    try (DiskFile open = disk.open(file(number))) {
                        open.truncate(left);
                    }
                }
                assertWhole(disk);
            }
        }
    }

    @Test
    void whereASnapshotIsDamagedTwoAreWrittenAnew() {
        SimDisk disk = withTwoSnapshots();
        disk.flip(file(2), 77);
        StateIndex index = open(disk, 190);
        index.flush(190);
        assertThat(disk.exists(file(1))).isFalse();
        assertThat(disk.exists(file(2))).isFalse();
        assertThat(disk.exists(file(3))).isTrue();
        assertThat(disk.exists(file(4))).isTrue();
        damages.clear();
        assertWhole(disk);
        assertThat(damages).isEmpty();
    }

    /** Retention may write snapshots that no checkpoint names yet. */
    @Test
    void aSnapshotThatGaveWayToNewerOnesIsNotMissedButOneThatIsGoneIs() {
        SimDisk disk = withTwoSnapshots();
        StateIndex index = open(disk, 300);
        byte[] named = index.progress();
        index.retain(250);
        damages.clear();
        recover(disk, named);
        assertThat(damages).isEmpty();
        disk.delete(file(4));
        recover(disk, ByteBuffer.allocate(8).putLong(4).array());
        assertThat(damages).singleElement().satisfies(damage -> {
            assertThat(damage.file()).isEqualTo(file(4));
            assertThat(damage.what())
                    .isEqualTo("the file is missing; nothing is lost: another snapshot or the log has it");
        });
    }

    private void recover(SimDisk disk, byte[] progress) {
        StateIndex again = StateIndex.open(disk, FOLDER, damages::add);
        again.recover(new RecoveryPoint(250, 250, 300, again.version(), ByteBuffer.wrap(progress)));
    }

    @Test
    void whatTheLogLetsGoOfIsInBothSnapshots() {
        SimDisk disk = withTwoSnapshots();
        StateIndex index = open(disk, 300);
        index.retain(150);
        log.headMap(150L).clear();
        for (int damaged = 2; damaged <= 3; damaged++) {
            disk.flip(file(damaged), 99);
            assertWhole(disk);
            disk.flip(file(damaged), 99);
        }
        StateIndex again = open(disk, 300);
        again.retain(250);
        log.headMap(250L).clear();
        disk.flip(file(5), 99);
        assertWhole(disk);
        disk.flip(file(5), 99);
        long created = disk.count("create");
        open(disk, 300).retain(250);
        assertThat(disk.count("create")).as("a second time").isEqualTo(created);
    }

    @Test
    void aLogThatEndsBelowASnapshotGoesOnFromAnOlderOneAndIfThereIsNoneFromTheOldest() {
        SimDisk disk = withTwoSnapshots();
        log.tailMap(100L).clear();
        assertThat(content(open(disk, 150))).isEqualTo(Map.of("7:a", "1"));
        assertThat(content(open(disk, 50))).as("too new is better than nothing").isEqualTo(Map.of("7:a", "1"));
    }

    @Test
    void aChangeWhoseSnapshotTheDiskDidNotTakeIsInTheNextOne() {
        SimDisk disk = new SimDisk();
        StateIndex index = open(disk, 0);
        append(index, 0, put("a", "1"));
        disk.fault((operation, path, count) -> {
            if (operation.equals("create")) {
                throw new DiskException("no space left", true, null);
            }
        });
        assertThatThrownBy(() -> index.flush(50)).isInstanceOf(DiskException.class);
        disk.fault((operation, path, count) -> {});
        index.flush(60);
        log.clear();
        assertThat(content(open(disk, 60))).isEqualTo(Map.of("7:a", "1"));
    }

    @Test
    void withTheCheckpointsSnapshotTheLogIsReadFromTheCheckpointOnAndWithAnOlderOneFromThere() {
        SimDisk disk = withTwoSnapshots();
        StateIndex index = open(disk, 300);
        index.flush(300);
        RecoveryPoint last = Points.of(index, 900);
        assertThat(content(open(disk, last, 900))).isEqualTo(asOf(900));
        assertThat(readFrom).isEqualTo(900);
        disk.flip(file(3), 99);
        assertThat(content(open(disk, last, 900))).isEqualTo(asOf(900));
        assertThat(readFrom).isEqualTo(190);
    }

    @Test
    void aSnapshotOfANewerVersionEndsTheStart() {
        SimDisk disk = withTwoSnapshots();
        byte[] newer = disk.bytes(file(2));
        newer[11] = 9;
        CRC32C crc = new CRC32C();
        crc.update(newer, 0, newer.length - 4);
        ByteBuffer.wrap(newer).putInt(newer.length - 4, (int) crc.getValue());
        try (DiskFile open = disk.open(file(2))) {
            open.write(0, newer, 0, newer.length);
        }
        assertThatThrownBy(() -> open(disk, 300)).hasMessageContaining("start the version of MerlinMQ that wrote it");
    }

    @Test
    void aChangeIsReadAsItWasMade() {
        StateChange made = put("a", "1").remove(StateChange.TOPIC, bytes("T")).put(65535, bytes(""), bytes(""));
        byte[] body = made.body();
        StateChange read = StateChange.read(body, 0, made.bytes());
        assertThat(read.removedTopics()).containsExactly("T");
        assertThat(read.body()).startsWith(Arrays.copyOf(body, made.bytes()));
        for (int length = 0; length < made.bytes(); length++) {
            int cut = length;
            assertThatThrownBy(() -> StateChange.read(body, 0, cut)).isInstanceOf(IllegalArgumentException.class);
        }
        byte[] longer = Arrays.copyOf(body, made.bytes() + 1);
        assertThatThrownBy(() -> StateChange.read(longer, 0, longer.length))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
