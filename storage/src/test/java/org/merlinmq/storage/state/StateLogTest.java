package org.merlinmq.storage.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.merlinmq.storage.disk.Damage;
import org.merlinmq.storage.disk.DiskException;
import org.merlinmq.storage.disk.DiskFile;
import org.merlinmq.storage.disk.SimDisk;
import org.merlinmq.testkit.Seeds;

class StateLogTest {

    private static final Path FOLDER = Path.of("/store/state");
    private static final Path FIRST = FOLDER.resolve("state-00000000000000000000.journal");

    private final List<Damage> damages = new ArrayList<>();

    private StateLog open(SimDisk disk) {
        return StateLog.open(disk, FOLDER, "state", damages::add);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> replayed(StateLog log) {
        List<String> all = new ArrayList<>();
        log.replay((type, record) -> all.add(type + ":" + new String(record, StandardCharsets.UTF_8)));
        return all;
    }

    private static SimDisk with(byte[] journal) {
        SimDisk disk = new SimDisk();
        disk.createFolders(FOLDER);
        try (DiskFile file = disk.create(FIRST)) {
            file.write(0, journal, 0, journal.length);
        }
        return disk;
    }

    private static byte[] threeRecords() {
        SimDisk disk = new SimDisk();
        StateLog log = StateLog.open(disk, FOLDER, "state", damage -> {});
        log.append(1, bytes("one"));
        log.append(2, bytes(""));
        log.append(65534, bytes("three, which is longer"));
        return disk.bytes(FIRST);
    }

    @Test
    void whatWasAppendedComesBack() {
        SimDisk disk = with(threeRecords());
        assertThat(replayed(open(disk))).containsExactly("1:one", "2:", "65534:three, which is longer");
        assertThat(damages).isEmpty();
    }

    @Test
    void tornAtAnyByteTheWholeRecordsAreLeftAndAppendingGoesOn() {
        byte[] whole = threeRecords();
        int[] ends = {32, 32 + 15, 32 + 15 + 12, whole.length};
        for (int cut = 0; cut < whole.length; cut++) {
            damages.clear();
            SimDisk disk = with(java.util.Arrays.copyOf(whole, cut));
            StateLog log = open(disk);
            int left = cut >= ends[2] ? 2 : cut >= ends[1] ? 1 : 0;
            assertThat(replayed(log)).as("cut at %d", cut).hasSize(left);
            boolean clean = cut == 0 || cut == ends[0] || cut == ends[1] || cut == ends[2];
            assertThat(damages.isEmpty()).as("cut at %d: %s", cut, damages).isEqualTo(clean || cut < 32);
            log.append(7, bytes("next"));
            assertThat(replayed(open(disk.killProcess())))
                    .hasSize(left + 1)
                    .last()
                    .isEqualTo("7:next");
        }
    }

    @Test
    void anyFlippedBitIsReportedAndNeverApplied() {
        byte[] whole = threeRecords();
        List<String> written = replayed(open(with(whole)));
        for (int bit = 0; bit < whole.length * 8; bit++) {
            damages.clear();
            SimDisk disk = with(whole);
            disk.flip(FIRST, bit);
            List<String> read = replayed(open(disk));
            assertThat(damages).as("bit %d", bit).isNotEmpty();
            assertThat(written).as("bit %d", bit).containsAll(read);
            assertThat(read.size()).isGreaterThanOrEqualTo(bit < 32 * 8 ? 3 : 2);
        }
    }

    @Test
    void anyFlippedBitOfASnapshotIsReported() {
        SimDisk disk = new SimDisk();
        StateLog log = open(disk);
        log.append(1, bytes("old"));
        log.snapshot(out -> {
            out.put(1, bytes("new"));
            out.put(2, bytes("more"));
        });
        Path snapshot = FOLDER.resolve("state-00000000000000000001.snapshot");
        assertThat(replayed(open(disk))).containsExactly("1:new", "2:more");
        assertThat(disk.files()).doesNotContain(FIRST);
        for (int bit = 0; bit < disk.bytes(snapshot).length * 8; bit++) {
            damages.clear();
            disk.flip(snapshot, bit);
            assertThat(List.of("1:new", "2:more")).containsAll(replayed(open(disk)));
            assertThat(damages).as("bit %d", bit).isNotEmpty();
            disk.flip(snapshot, bit);
        }
    }

    @Test
    void appendsDuringASnapshotOutliveIt() {
        SimDisk disk = new SimDisk();
        StateLog log = open(disk);
        log.append(1, bytes("a"));
        log.snapshot(out -> {
            log.append(1, bytes("b"));
            out.put(1, bytes("a"));
        });
        assertThat(replayed(open(disk.killProcess()))).containsExactly("1:a", "1:b");
        assertThat(damages).isEmpty();
    }

    @Test
    void aFullDiskRefusesAndLaterTakesAgain() {
        SimDisk disk = new SimDisk();
        StateLog log = open(disk);
        log.append(1, bytes("a"));
        disk.capacityBytes(0);
        assertThatThrownBy(() -> log.append(1, new byte[4096])).isInstanceOf(DiskException.class);
        disk.capacityBytes(1 << 20);
        log.append(1, bytes("b"));
        assertThat(replayed(open(disk.killProcess()))).containsExactly("1:a", "1:b");
    }

    /** A map kept in the log, through snapshots that fail at any step, kills and power losses. */
    @Test
    void stateIsTheMapThatWasWritten() {
        Seeds.forEach(200, random -> {
            SimDisk disk = new SimDisk();
            StateLog log = open(disk);
            TreeMap<Integer, String> now = new TreeMap<>();
            TreeMap<Integer, String> synced = new TreeMap<>();
            for (int step = 0; step < 60; step++) {
                int type = random.nextInt(6);
                StateLog during = log;
                switch (random.nextInt(8)) {
                    case 0 ->
                        during.snapshot(out -> {
                            during.append(type, bytes(String.valueOf(now.getOrDefault(type, "x"))));
                            now.putIfAbsent(type, "x");
                            now.forEach((key, value) -> out.put(key, bytes(value)));
                        });
                    case 1 -> {
                        log.sync();
                        synced.putAll(now);
                    }
                    case 2 -> {
                        disk = disk.killProcess();
                        log = open(disk);
                        assertThat(map(log)).isEqualTo(now);
                    }
                    case 3 -> {
                        SimDisk failing = disk;
                        long at = 1L + random.nextInt(6);
                        long[] seen = {0};
                        disk.fault((operation, path, count) -> {
                            if (!operation.equals("read") && ++seen[0] == at) {
                                throw new DiskException("injected " + operation + " " + path, false, null);
                            }
                        });
                        try {
                            during.snapshot(out -> now.forEach((key, value) -> out.put(key, bytes(value))));
                        } catch (DiskException e) {
                            assertThat(e).hasMessageContaining("injected");
                        }
                        failing.fault((operation, path, count) -> {});
                        disk = disk.killProcess();
                        log = open(disk);
                        assertThat(map(log)).isEqualTo(now);
                    }
                    default -> {
                        String value = "v" + random.nextInt(100_000);
                        log.append(type, bytes(value));
                        now.put(type, value);
                    }
                }
            }
            Map<Integer, String> after = map(open(disk.losePowerAndAllUnsynced()));
            assertThat(after.keySet()).containsAll(synced.keySet());
        });
    }

    private static Map<Integer, String> map(StateLog log) {
        TreeMap<Integer, String> map = new TreeMap<>();
        log.replay((type, record) -> map.put(type, new String(record, StandardCharsets.UTF_8)));
        return map;
    }
}
