package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/** What a store that runs survives, it survives when it starts, too. A full disk: {@link FullDiskStartTest}. */
final class StartTest {
    @Test
    void aClockThatStandsBeforeTheLastRecordDoesNotTurnBackTheTimesOfRecords() {
        SimDisk disk = new SimDisk();
        SimClock clock = new SimClock();
        long first = clock.millis();
        for (int start = 0; start < 3; start++) {
            try (Storage storage = Storage.open(Fixture.CONFIG, disk, clock, Progress.SILENT)) {
                AppendBatch batch = storage.newBatch(b -> assertThat(b.status()).isEqualTo(AppendStatus.STORED));
                new Records().add(batch, storage.queue("T", 0), "message " + start);
                storage.append(batch);
                byte[] record = storage.readRecord(batch.logOffset(0));
                RecordView view = new RecordView();
                assertThat(record != null && view.on(record, 0, record.length)).isTrue();
                assertThat(view.storeMillis()).isEqualTo(first);
                assertThat(Fixture.read(storage, storage.queue("T", 0))).hasSize(start + 1);
            }
            clock.advance(Duration.ofDays(-10));
        }
    }

    @Test
    void anIndexFileThatCannotBeOpenedIsMadeAnew() {
        Fixture store = new Fixture(new SimDisk());
        for (int i = 0; i < 200; i++) {
            store.append("T", i % 3, "message " + i);
            if (i == 99) {
                store.storage.checkpoint();
            }
        }
        store.storage.close();
        Map<Long, String> before;
        try (Storage whole = Storage.open(Fixture.CONFIG, store.disk.copy(), new SimClock(), Progress.SILENT)) {
            before = Fixture.read(whole, whole.queue("T", 1));
        }
        List<Path> derived = store.disk.list(Fixture.FOLDER.resolve("merlin")).stream()
                .filter(file -> file.getFileName().toString().matches("checkpoint|.*\\.run"))
                .toList();
        assertThat(derived).as("the checkpoint, and a run for each half").hasSizeGreaterThan(2);
        for (Path file : derived) {
            SimDisk disk = store.disk.copy();
            disk.fault((operation, path, count) -> {
                if (path.equals(file) && List.of("open", "read", "map").contains(operation)) {
                    throw new DiskException(operation + " " + path + " failed: permission denied", false, null);
                }
            });
            Fixture again = new Fixture(disk);
            assertThat(again.read("T", 1)).as(file.toString()).isEqualTo(before).hasSize(67);
            again.append("T", 1, "another");
            assertThat(again.read("T", 1)).hasSize(68).containsEntry(67L, "another");
            again.storage.close();
        }
    }
}
