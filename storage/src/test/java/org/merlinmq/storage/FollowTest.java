package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.BrokenLogException;
import org.merlinmq.storage.log.EpochTable;
import org.merlinmq.storage.log.LogReceiver;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;
import org.merlinmq.testkit.SimThreads;

/** A store that is made of another one's bytes, while that one goes on. */
final class FollowTest {
    private static final int SEGMENT = 16 << 10;

    @Test
    void aStoreThatIsCopiedLiveIsEqualAndAnswersTheSame() {
        Seeds.forEach(60, random -> {
            SimThreads threads = new SimThreads(random);
            Fixture master = new Fixture(new SimDisk(), Fixture.CONFIG, threads);
            Fixture slave = new Fixture(new SimDisk(), Fixture.CONFIG, threads);
            try (LogReceiver receiver = slave.storage.follow()) {
                for (int round = 0; round < 30; round++) {
                    send(master, random);
                    copySome(master.storage, receiver, random, random.nextInt(6));
                    threads.run(random.nextInt(4));
                    threads.advance(Duration.ofMillis(random.nextInt(30)));
                }
                copyAll(master.storage, receiver, random);
            }
            assertSame(master, slave);
            slave.append("T0", 0, "its own, now");
            assertThat(slave.status).isEqualTo(AppendStatus.STORED);
            master.storage.close();
            slave.storage.close();
        });
    }

    @Test
    void aReceiverThatCrashesAnywhereGoesOn() {
        Seeds.forEach(60, random -> {
            SimThreads threads = new SimThreads(random);
            Fixture master = new Fixture(new SimDisk(), Fixture.CONFIG, threads);
            Fixture slave = new Fixture(new SimDisk(), Fixture.CONFIG, threads);
            for (int crash = 0; crash < 6; crash++) {
                LogReceiver receiver = slave.storage.follow();
                for (int round = random.nextInt(12); round > 0; round--) {
                    send(master, random);
                    copySome(master.storage, receiver, random, random.nextInt(6));
                    threads.run(random.nextInt(6));
                }
                SimDisk left = random.nextBoolean() ? slave.disk.killProcess() : slave.disk.losePower(random);
                slave.storage.close();
                slave = new Fixture(left, Fixture.CONFIG, threads);
            }
            try (LogReceiver receiver = slave.storage.follow()) {
                copyAll(master.storage, receiver, random);
            }
            assertSame(master, slave);
            master.storage.close();
            slave.storage.close();
        });
    }

    /** A sync between two parts could keep the first on the disk, and a loss of power what lies behind the second. */
    @Test
    void aPartOfARecordIsNotWritten() {
        Fixture master = new Fixture(new SimDisk());
        Fixture slave = new Fixture(new SimDisk());
        master.append("T", 0, "a message");
        byte[] log = new byte[(int) master.storage.maxLogOffset()];
        assertThat(master.storage.copyLog(0, log, 0, log.length)).isEqualTo(log.length);
        try (LogReceiver receiver = slave.storage.follow()) {
            receiver.append(0, log, 0, log.length - 1);
            assertThat(receiver.end()).isEqualTo(log.length - 1);
            assertThat(bytes(slave.disk, 0)).containsOnly(0);
            receiver.append(log.length - 1, log, log.length - 1, 1);
        }
        assertSame(master, slave);
        master.storage.close();
        slave.storage.close();
    }

    @Test
    void theStateThatComesWithTheLogIsHandedOnInItsOrder() {
        Fixture master = new Fixture(new SimDisk());
        Fixture slave = new Fixture(new SimDisk());
        List<String> heard = new ArrayList<>();
        master.storage.append(new StateChange().put(StateChange.TOPIC, new byte[] {'a'}, new byte[] {1}));
        try (LogReceiver receiver = slave.storage.follow()) {
            copyAll(master.storage, receiver, new Random(1));
            slave.storage
                    .state()
                    .follow((type, key, value) ->
                            heard.add((char) key[0] + (value == null ? " gone" : " is " + value[0])));
            assertThat(heard).as("what was there").containsExactly("a is 1");
            master.storage.append(new StateChange()
                    .put(StateChange.TOPIC, new byte[] {'b'}, new byte[] {2})
                    .remove(StateChange.TOPIC, new byte[] {'a'}));
            master.append("T", 0, "a message");
            master.storage.append(new StateChange().put(StateChange.TOPIC, new byte[] {'b'}, new byte[] {3}));
            copyAll(master.storage, receiver, new Random(2));
            assertThat(heard).containsExactly("a is 1", "b is 2", "a gone", "b is 3");
            slave.storage.state().endFollow();
            master.storage.append(new StateChange().put(StateChange.TOPIC, new byte[] {'c'}, new byte[] {4}));
            copyAll(master.storage, receiver, new Random(3));
            assertThat(heard).hasSize(4);
        }
        master.storage.close();
        slave.storage.close();
    }

    @Test
    void aStoreThatFollowsTakesNothingElse() {
        Fixture slave = new Fixture(new SimDisk());
        slave.append("T", 0, "before");
        LogReceiver receiver = slave.storage.follow();
        slave.append("T", 0, "refused");
        assertThat(slave.status).isEqualTo(AppendStatus.REFUSED);
        assertThat(slave.batch.reason()).contains("follows another");
        StateChange end = new StateChange().remove(StateChange.TOPIC, new byte[] {'T'});
        assertThatThrownBy(() -> slave.storage.append(end)).isInstanceOf(DiskException.class);
        assertThatThrownBy(slave.storage::follow).isInstanceOf(IllegalStateException.class);
        receiver.close();
        slave.append("T", 0, "after");
        assertThat(slave.read("T", 0)).isEqualTo(Map.of(0L, "before", 1L, "after"));
        slave.storage.close();
    }

    @Test
    void bytesThatDoNotFitAreRefusedAndTheRightOnesTakenThen() {
        Fixture master = new Fixture(new SimDisk());
        master.append("T", 0, "first");
        long second = master.append("T", 0, "second");
        byte[] bytes = new byte[1 << 10];
        int count = master.storage.copyLog(0, bytes, 0, bytes.length);
        assertThat(count).isEqualTo((int) master.storage.maxLogOffset());
        Fixture slave = new Fixture(new SimDisk());
        LogReceiver receiver = slave.storage.follow();
        assertThatThrownBy(() -> receiver.append(1, bytes, 1, 10)).isInstanceOf(IllegalArgumentException.class);
        for (int wrongByte :
                new int[] {RecordLayout.MAGIC_AT, RecordLayout.LOG_OFFSET_AT, RecordLayout.BODY_CRC_AT, 0}) {
            byte[] wrong = bytes.clone();
            wrong[(int) second + wrongByte] ^= 0x55;
            int from = (int) receiver.end();
            assertThatThrownBy(() -> receiver.append(from, wrong, from, count - from))
                    .isInstanceOfSatisfying(
                            BrokenLogException.class,
                            broken -> assertThat(broken.logOffset()).isEqualTo(second));
            assertThat(receiver.end()).isEqualTo(second);
            assertThat(slave.read("T", 0)).isEqualTo(Map.of(0L, "first"));
        }
        receiver.append(second, bytes, (int) second, count - (int) second);
        assertThat(slave.read("T", 0)).isEqualTo(Map.of(0L, "first", 1L, "second"));
        receiver.close();
        slave.storage.close();
        master.storage.close();
    }

    @Test
    void whatWasDeletedCannotBeCopied() {
        Fixture master = new Fixture(new SimDisk());
        master.append("T", 0, "first");
        long end = master.storage.maxLogOffset();
        byte[] bytes = new byte[64];
        assertThat(master.storage.copyLog(end, bytes, 0, 64)).isZero();
        assertThatThrownBy(() -> master.storage.copyLog(end + 1, bytes, 0, 64))
                .isInstanceOf(IllegalArgumentException.class);
        master.storage.close();
    }

    @Test
    void epochsAreKept() {
        SimDisk disk = new SimDisk();
        Fixture store = new Fixture(disk);
        assertThat(store.storage.epochs().epochs()).containsExactly(new EpochTable.Epoch(0, 0));
        store.append("T", 0, "in epoch 0");
        store.storage.flush();
        long end = store.storage.maxLogOffset();
        store.storage.epochs().begin(3, end);
        assertThatThrownBy(() -> store.storage.epochs().begin(3, end)).isInstanceOf(IllegalArgumentException.class);
        SimDisk after = disk.losePowerAndAllUnsynced();
        store.storage.close();
        Fixture again = new Fixture(after);
        EpochTable epochs = again.storage.epochs();
        assertThat(epochs.at(end - 1).number()).isZero();
        assertThat(epochs.at(end)).isEqualTo(new EpochTable.Epoch(3, end));
        again.storage.close();
        after.flip(Fixture.FOLDER.resolve(EpochTable.FILE), 100);
        Fixture damaged = new Fixture(after);
        assertThat(damaged.storage.epochs().epochs()).containsExactly(new EpochTable.Epoch(0, 0));
        damaged.storage.close();
    }

    /** Else an older version that is started by mistake would forget them all. */
    @Test
    void epochsOfALaterVersionAreLeftAsTheyAre() {
        Fixture store = new Fixture(new SimDisk());
        store.storage.epochs().begin(3, 0);
        store.storage.close();
        Path file = Fixture.FOLDER.resolve(EpochTable.FILE);
        ByteBuffer later = ByteBuffer.wrap(store.disk.bytes(file)).putInt(8, 2);
        int crcAt = later.capacity() - Integer.BYTES;
        CRC32C crc = new CRC32C();
        crc.update(later.array(), 0, crcAt);
        store.disk.replace(file, later.putInt(crcAt, (int) crc.getValue()).array());
        assertThatThrownBy(() -> new Fixture(store.disk))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("has version 2, and this server reads version 1: start the version of MerlinMQ");
        assertThat(store.disk.bytes(file)).isEqualTo(later.array());
    }

    /** As a broker has them: some are delivered and some relocated, and a crash may come. */
    @Test
    void aCopyHasTheSameTimersWithTheSameDueTimesAndSoHasWhatIsReadAgain() {
        Seeds.forEach(20, random -> {
            SimClock clock = new SimClock();
            SimDisk masterDisk = new SimDisk();
            SimDisk disk = new SimDisk();
            try (DelayedFixture master = new DelayedFixture(masterDisk, Fixture.CONFIG, clock);
                    DelayedFixture slave = new DelayedFixture(disk, Fixture.CONFIG, clock)) {
                try (LogReceiver receiver = slave.storage.follow()) {
                    for (int round = 0; round < 20; round++) {
                        for (int i = random.nextInt(6); i > 0; i--) {
                            master.delay("m" + random.nextInt(), clock.millis() + 1 + random.nextInt(10_000));
                        }
                        clock.advance(Duration.ofMillis(random.nextInt(1000)));
                        if (random.nextInt(3) == 0) {
                            master.deliver(clock.millis());
                        }
                        copySome(master.storage, receiver, random, random.nextInt(4));
                    }
                    copyAll(master.storage, receiver, random);
                }
                List<String> pending = master.pending();
                assertThat(slave.pending()).isEqualTo(pending).isNotEmpty();
                SimDisk left = disk.killProcess();
                try (DelayedFixture again = new DelayedFixture(left, Fixture.CONFIG, clock);
                        DelayedFixture masterAgain =
                                new DelayedFixture(masterDisk.killProcess(), Fixture.CONFIG, clock)) {
                    assertThat(again.pending()).isEqualTo(pending);
                    assertThat(masterAgain.pending()).isEqualTo(pending);
                }
            }
        });
    }

    @Test
    void aCopyOfALogWhoseFirstSegmentsAreGoneBeginsWhereThatBegins() {
        Seeds.forEach(30, random -> {
            SimClock clock = new SimClock();
            SimDisk masterDisk = new SimDisk();
            try (DelayedFixture master = new DelayedFixture(masterDisk, Fixture.CONFIG, clock).carrying()) {
                live(master, clock, random, 30);
                clock.advance(Duration.ofDays(10));
                live(master, clock, random, 3);
                deleteFirstSegments(master.storage);
                live(master, clock, random, random.nextInt(10));
                long begin = master.storage.minLogOffset();
                assertThat(begin).isPositive();
                CopyStart start = master.storage.copyStart();
                SimDisk disk = new SimDisk();
                Storage.begin(Fixture.CONFIG, StoreEnvironment.of(disk, clock), start);
                for (int crash = random.nextInt(3); crash > 0; crash--) {
                    DelayedFixture slave = new DelayedFixture(disk, Fixture.CONFIG, clock);
                    LogReceiver receiver = slave.storage.follow();
                    copySome(master.storage, receiver, random, random.nextInt(10));
                    SimDisk left = random.nextBoolean() ? disk.killProcess() : disk.losePower(random);
                    slave.close();
                    disk = left;
                }
                live(master, clock, random, 3);
                try (DelayedFixture slave = new DelayedFixture(disk, Fixture.CONFIG, clock)) {
                    assertThat(slave.storage.minLogOffset()).isEqualTo(begin);
                    try (LogReceiver receiver = slave.storage.follow()) {
                        copyAll(master.storage, receiver, random);
                    }
                    assertSameContent(master, slave);
                }
                try (DelayedFixture again = new DelayedFixture(disk, Fixture.CONFIG, clock)) {
                    assertSameContent(master, again);
                    assertThat(again.delay("its own", clock.millis() + 1)).isEqualTo(AppendStatus.STORED);
                }
            }
        });
    }

    /** Those in which delayed messages wait go once these are relocated. */
    static void deleteFirstSegments(Storage storage) {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (storage.minLogOffset() == 0) {
            assertThat(System.nanoTime()).isLessThan(patience);
            storage.deleteExpired().join();
        }
    }

    /** Messages, delayed ones, topics that end and begin again, changes of the state. */
    static void live(DelayedFixture store, SimClock clock, RandomGenerator random, int rounds) {
        for (int round = 0; round < rounds; round++) {
            store.fill(random.nextInt(3));
            store.send("T" + random.nextInt(3), random.nextInt(2), "m" + random.nextInt());
            store.delay(
                    "d" + random.nextInt(),
                    clock.millis() + Duration.ofDays(random.nextInt(40)).toMillis() + 1);
            byte[] key = {'T', (byte) ('0' + random.nextInt(3))};
            StateChange change =
                    new StateChange().put(7, new byte[] {(byte) random.nextInt(20)}, new byte[] {(byte) round});
            store.storage.append(random.nextInt(8) == 0 ? change.remove(StateChange.TOPIC, key) : change);
            clock.advance(Duration.ofMillis(random.nextInt(1000)));
            if (random.nextInt(10) == 0) {
                store.storage.checkpoint();
            }
        }
    }

    /** Behind checkpoints, so that no thread of a store moves changes while its state is read. */
    static void assertSameContent(DelayedFixture master, DelayedFixture slave) {
        master.storage.checkpoint();
        slave.storage.checkpoint();
        assertThat(slave.storage.maxLogOffset()).isEqualTo(master.storage.maxLogOffset());
        assertThat(content(slave.storage)).isEqualTo(content(master.storage));
        assertThat(state(slave.storage)).isEqualTo(state(master.storage));
        assertThat(slave.pending()).isEqualTo(master.pending());
    }

    /** Of each queue where it begins and ends, and what it holds; a queue without messages ever is none. */
    private static Map<String, String> content(Storage storage) {
        Map<String, String> found = new TreeMap<>();
        storage.forEachQueue(queue -> {
            if (queue.maxOffset() > 0) {
                found.put(
                        queue.topic() + "/" + queue.queueId(),
                        queue.minOffset() + " to " + queue.maxOffset() + " " + Fixture.read(storage, queue));
            }
        });
        return found;
    }

    private static Map<String, String> state(Storage storage) {
        Map<String, String> found = new TreeMap<>();
        storage.state().replay((type, key, value) -> {
            String name = type + " " + Arrays.toString(key);
            if (value == null) {
                found.remove(name);
            } else {
                found.put(name, Arrays.toString(value));
            }
        });
        return found;
    }

    private static void send(Fixture store, RandomGenerator random) {
        AppendBatch batch = store.batch;
        batch.clear();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            String body = "m" + random.nextInt() + "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 4000 : 300));
            String properties = "KEYS\001k" + random.nextInt(50) + "\002";
            store.records.add(
                    batch,
                    store.storage.queue("T" + random.nextInt(2), random.nextInt(3)),
                    body.getBytes(StandardCharsets.UTF_8),
                    properties);
        }
        batch.group(random.nextInt(2) == 0 ? count : 1);
        store.storage.append(batch);
    }

    private static void copySome(Storage from, LogReceiver to, RandomGenerator random, int times) {
        for (int i = 0; i < times; i++) {
            byte[] bytes = new byte[1 + random.nextInt(random.nextInt(3) == 0 ? 40 : 8000)];
            int count = from.copyLog(to.end(), bytes, 0, bytes.length);
            to.append(to.end(), bytes, 0, count);
        }
    }

    static void copyAll(Storage from, LogReceiver to, RandomGenerator random) {
        while (to.end() < from.maxLogOffset()) {
            copySome(from, to, random, 1);
        }
    }

    private static void assertSame(Fixture master, Fixture slave) {
        long end = master.storage.maxLogOffset();
        assertThat(slave.storage.maxLogOffset()).isEqualTo(end);
        for (long base = 0; base < end; base += SEGMENT) {
            int differs = Arrays.mismatch(bytes(slave.disk, base), bytes(master.disk, base));
            assertThat(differs).as("first different byte of segment " + base).isNegative();
        }
        Map<String, Map<Long, String>> queues = new TreeMap<>();
        master.storage.forEachQueue(
                queue -> queues.put(queue.topic() + "/" + queue.queueId(), Fixture.read(master.storage, queue)));
        slave.storage.forEachQueue(queue -> assertThat(Fixture.read(slave.storage, queue))
                .isEqualTo(queues.remove(queue.topic() + "/" + queue.queueId())));
        assertThat(queues.values()).allMatch(Map::isEmpty);
        for (int key = 0; key < 50; key++) {
            assertThat(keyed(slave, key)).isEqualTo(keyed(master, key));
        }
    }

    private static long[] keyed(Fixture store, int key) {
        return store.storage.findByKey("T0", "k" + key, 1000, 0, Long.MAX_VALUE);
    }

    private static byte[] bytes(SimDisk disk, long base) {
        byte[] bytes = new byte[SEGMENT];
        try (DiskFile file = disk.openRead(Fixture.segment(base))) {
            assertThat(file.read(0, bytes, 0, SEGMENT)).isEqualTo(SEGMENT);
        }
        return bytes;
    }
}
