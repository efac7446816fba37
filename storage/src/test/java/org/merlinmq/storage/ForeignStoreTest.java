package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.protocol.message.SysFlag;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** Stores that another broker wrote, or that someone moved files in. */
final class ForeignStoreTest {
    private static final int SEGMENT = 16 << 10;

    /** When the first record was stored: lately, as retention sees it. */
    private static final long FIRST_MILLIS = new SimClock().millis() - 3_600_000;

    private final ByteWriter log = new ByteWriter();
    private final RecordWriter writer =
            new RecordWriter().bornHost(new byte[] {127, 0, 0, 1}, 1).storeHost(new byte[] {127, 0, 0, 1}, 10911);

    private void record(String topic, long queueOffset, int sysFlag, String body) {
        byte[] name = Bytes.utf8(topic);
        byte[] bytes = Bytes.utf8(body);
        writer.sysFlag(sysFlag).queueId(0).bornMillis(1);
        int at = writer.begin(log, bytes, 0, bytes.length, name, 0, name.length);
        log.putUtf8("TAGS\001red\002UNIQ_KEY\001u" + queueOffset + "\002");
        writer.end(log);
        RecordLayout.place(log.array(), at, queueOffset, at, FIRST_MILLIS + at);
    }

    private void blankUpTo(int end) {
        int at = log.length();
        log.putInt(end - at).putInt(RecordLayout.MAGIC_BLANK);
        log.ensure(end - log.length());
        log.advance(end - log.length());
    }

    private SimDisk disk() {
        SimDisk disk = new SimDisk();
        disk.createFolders(Fixture.LOG);
        disk.createFolders(Fixture.FOLDER.resolve("consumequeue/T/0"));
        disk.createFolders(Fixture.FOLDER.resolve("index"));
        write(disk, Fixture.FOLDER.resolve("abort"), Bytes.ascii("4711"), 4);
        write(disk, Fixture.FOLDER.resolve("checkpoint"), new byte[4096], 4096);
        write(disk, Fixture.FOLDER.resolve("lock"), Bytes.ascii("lock"), 4);
        write(disk, Fixture.FOLDER.resolve("index/20260101000000000"), new byte[40], 40);
        for (int base = 0; base < log.length(); base += SEGMENT) {
            int bytes = Math.min(SEGMENT, log.length() - base);
            byte[] part = new byte[bytes];
            System.arraycopy(log.array(), base, part, 0, bytes);
            write(disk, Fixture.segment(base), part, SEGMENT);
        }
        return disk;
    }

    private static void write(SimDisk disk, Path path, byte[] bytes, int size) {
        try (DiskFile file = disk.create(path)) {
            file.allocate(size);
            file.write(0, bytes, 0, bytes.length);
            file.force();
        }
        disk.forceFolder(Fixture.FOLDER);
    }

    @Test
    void theLogOfAnotherBrokerIsOpenedWithItsQueueOffsets() {
        Map<Long, String> expected = new TreeMap<>();
        for (int i = 0; i < 100; i++) {
            record("T", 5000 + i, 0, "message " + i);
            expected.put(5000L + i, "message " + i);
            if (i == 50) {
                record("T", 0, SysFlag.PREPARED, "prepared");
                record("T", 0, SysFlag.ROLLBACK, "rolled back");
                blankUpTo(SEGMENT);
            }
        }
        SimDisk disk = disk();
        Fixture store = new Fixture(disk);
        assertThat(store.read("T", 0)).isEqualTo(expected);
        Queue queue = store.storage.queue("T", 0);
        assertThat(queue.minOffset()).isEqualTo(5000);
        assertThat(queue.maxOffset()).isEqualTo(5100);
        assertThat(store.storage.findByKey("T", "u5007", 10, 0, Long.MAX_VALUE)).hasSize(1);
        store.append("T", 0, "ours");
        assertThat(store.batch.queueOffset(0)).isEqualTo(5100);
        store.storage.close();
        Fixture again = new Fixture(disk);
        assertThat(again.read("T", 0)).hasSize(101).containsEntry(5100L, "ours");
        assertThat(disk.files())
                .contains(Fixture.FOLDER.resolve("abort"), Fixture.FOLDER.resolve("index/20260101000000000"));
        again.storage.close();
    }

    @Test
    void aTopicThatWasDeletedAndMadeAgainBeginsAgain() {
        Map<Long, String> kept = new TreeMap<>();
        Map<Long, String> expected = new TreeMap<>();
        for (int i = 0; i < 150; i++) {
            boolean again = i >= 100;
            long queueOffset = again ? i - 100 : 5 + i;
            record("T", queueOffset, 0, "message " + i);
            if (again) {
                expected.put(queueOffset, "message " + i);
            }
            if (i % 10 == 0) {
                record("Kept", i / 10, 0, "kept " + i);
                kept.put(i / 10L, "kept " + i);
            }
            if (i == 60) {
                blankUpTo(SEGMENT);
            }
        }
        SimDisk disk = disk();
        Fixture store = new Fixture(disk);
        assertThat(store.read("T", 0)).isEqualTo(expected);
        assertThat(store.storage.queue("T", 0).minOffset()).isZero();
        assertThat(store.read("Kept", 0)).isEqualTo(kept);
        store.append("T", 0, "ours");
        expected.put(50L, "ours");
        store.storage.close();

        Fixture second = new Fixture(disk);
        assertThat(second.read("T", 0)).as("after a second start").isEqualTo(expected);
        second.storage.close();
        disk.delete(Fixture.FOLDER.resolve("merlin/checkpoint"));
        Fixture third = new Fixture(disk);
        assertThat(third.read("T", 0)).as("read again as a whole").isEqualTo(expected);
        third.storage.close();
        disk.list(Fixture.FOLDER.resolve("merlin")).forEach(disk::delete);
        Fixture fourth = new Fixture(disk);
        assertThat(fourth.read("T", 0)).as("without anything of ours").isEqualTo(expected);
        assertThat(fourth.read("Kept", 0)).isEqualTo(kept);
        fourth.storage.close();
    }

    @Test
    void oneMessageThatIsReadAgainIsNoNewBeginning() {
        Fixture store = new Fixture(new SimDisk());
        store.append("T", 0, "one");
        int handle = store.storage.queue("T", 0).handle();
        store.storage.close();
        store.disk.delete(Fixture.FOLDER.resolve("merlin/checkpoint"));
        Fixture again = new Fixture(store.disk);
        assertThat(again.read("T", 0)).isEqualTo(Map.of(0L, "one"));
        assertThat(again.storage.queue("T", 0).handle()).isEqualTo(handle);
        again.storage.close();
    }

    @Test
    void longTopicsAndIpv6HostsAreReadWhereverTheyStand() {
        byte[] v6 = new byte[16];
        v6[0] = 0x20;
        v6[15] = 1;
        byte[] v4 = {10, 0, 0, 1};
        String longTopic = "%RETRY%" + "t".repeat(200);
        for (int i = 0; i < 8; i++) {
            writer.bornHost((i & 1) == 0 ? v4 : v6, 1).storeHost((i & 2) == 0 ? v4 : v6, 10911);
            record((i & 4) == 0 ? "T" : longTopic, i & 3, 0, "message " + i);
            if (i == 5) {
                blankUpTo(SEGMENT);
            }
        }
        Fixture store = new Fixture(disk());
        assertThat(store.read("T", 0))
                .isEqualTo(Map.of(0L, "message 0", 1L, "message 1", 2L, "message 2", 3L, "message 3"));
        assertThat(store.read(longTopic, 0))
                .isEqualTo(Map.of(0L, "message 4", 1L, "message 5", 2L, "message 6", 3L, "message 7"));
        assertThat(store.storage.findByKey(longTopic, "u3", 10, 0, Long.MAX_VALUE))
                .hasSize(1);
        assertThat(store.storage.queueOffsetAt(store.storage.queue(longTopic, 0), Long.MAX_VALUE, true))
                .isEqualTo(3);
        store.storage.close();
    }

    @Test
    void aDeliveredCopyNamesTheFirstRecordOfTheLogAndOthersNameNone() {
        record("T", 0, 0, "the first");
        writer.preparedOffset(RecordLayout.naming(0));
        record("T", 1, 0, "names it");
        writer.preparedOffset(0);
        record("T", 2, 0, "names none");
        Map<Long, Long> named = new TreeMap<>();
        RecordView view = new RecordView();
        for (int at = 0; at < log.length(); at += view.totalBytes()) {
            assertThat(view.on(log.array(), at, log.length() - at)).isTrue();
            named.put(view.queueOffset(), RecordLayout.named(view.preparedOffset()));
        }
        assertThat(named).isEqualTo(Map.of(0L, RecordLayout.NAMES_NONE, 1L, 0L, 2L, RecordLayout.NAMES_NONE));
        assertThat(RecordLayout.named(RecordLayout.naming(4711))).isEqualTo(4711);
    }

    @Test
    void aRecordOfAQueueThatCannotBeIsKeptOut() {
        record("T", 0, 0, "one");
        int second = log.length();
        record("T", 1, 0, "two");
        Bytes.putInt(log.array(), second + RecordLayout.QUEUE_ID_AT, Integer.MAX_VALUE - 7);
        record("T", 2, 0, "three");
        Fixture store = new Fixture(disk());
        assertThat(store.read("T", 0)).isEqualTo(Map.of(0L, "one", 2L, "three"));
        store.storage.close();
    }

    @Test
    void noRecordIsTakenThatFitsNoSegmentOfTheStore() {
        record("T", 0, 0, "one");
        try (Storage storage =
                Storage.open(StorageConfig.defaults(Fixture.FOLDER), disk(), new SimClock(), Progress.SILENT)) {
            assertThat(storage.maxRecordBytes()).isEqualTo(SEGMENT - 8);
        }
    }

    @Test
    void aMissingSegmentIsNamed() {
        record("T", 0, 0, "one");
        blankUpTo(SEGMENT);
        record("T", 1, 0, "two");
        blankUpTo(2 * SEGMENT);
        record("T", 2, 0, "three");
        SimDisk disk = disk();
        disk.delete(Fixture.segment(SEGMENT));
        assertThatThrownBy(() -> new Fixture(disk))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("%020d".formatted(SEGMENT))
                .hasMessageContaining("Restore");
    }

    @Test
    void aSegmentOfAnotherSizeIsNamed() {
        record("T", 0, 0, "one");
        blankUpTo(SEGMENT);
        record("T", 1, 0, "two");
        SimDisk disk = disk();
        write(disk, Fixture.segment(0), new byte[0], SEGMENT / 2);
        assertThatThrownBy(() -> new Fixture(disk))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(Fixture.segment(0).toString())
                .hasMessageContaining("found " + SEGMENT / 2);
    }

    @Test
    void segmentsThatTheCheckpointKnewAreMissed() {
        Fixture store = new Fixture(new SimDisk());
        store.append("T", 0, "one");
        store.storage.close();
        SimDisk disk = store.disk;
        disk.delete(Fixture.segment(0));
        assertThatThrownBy(() -> new Fixture(disk))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void theSegmentSizeOfTheStoreWinsOverTheConfiguredOne() {
        Fixture store = new Fixture(new SimDisk());
        store.append("T", 0, "one");
        store.storage.close();
        try (Storage storage =
                Storage.open(Fixture.CONFIG.withSegmentBytes(64 << 10), store.disk, new SimClock(), Progress.SILENT)) {
            assertThat(Fixture.read(storage, storage.queue("T", 0))).containsEntry(0L, "one");
        }
    }

    @Test
    void withoutACheckpointAllIsReadAgainAndProgressIsShown() {
        Fixture store = new Fixture(new SimDisk());
        for (int i = 0; i < 50; i++) {
            store.append("T", i % 3, "message " + i);
        }
        store.storage.close();
        store.disk.delete(Fixture.FOLDER.resolve("merlin/checkpoint"));
        Fixture again = new Fixture(store.disk);
        assertThat(again.read("T", 0)).hasSize(17).containsEntry(16L, "message 48");
        again.storage.close();
    }
}
