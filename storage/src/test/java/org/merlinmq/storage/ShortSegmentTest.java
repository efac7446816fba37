package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.testkit.SimDisk;

/** A last segment that was cut short below the checkpoint, by a copy that ended early or by hand. */
class ShortSegmentTest {
    private final SimDisk disk = new SimDisk();

    @ParameterizedTest
    @CsvSource({"0, 0", "100, 1"}) // a record has 98 bytes
    void whatTheCheckpointReachedMustBeThere(int bytesLeft, int wholeMessages) {
        Fixture store = new Fixture(disk);
        for (int i = 0; i < 20; i++) {
            store.append("T", 0, "message " + i);
        }
        store.storage.close();
        truncate(Fixture.segment(0), bytesLeft);

        for (int start = 0; start < 2; start++) { // the first start must not make it whole for the second
            assertThatThrownBy(() -> new Fixture(disk))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("ends at offset " + bytesLeft)
                    .hasMessageContaining("merlin/checkpoint");
        }
        disk.delete(Fixture.FOLDER.resolve("merlin/checkpoint"));
        Fixture rest = new Fixture(disk);
        assertThat(rest.read("T", 0)).hasSize(wholeMessages);
        rest.storage.close();
    }

    @Test
    void aSegmentCutShortAboveTheCheckpointIsCompleted() {
        long first = Fixture.CONFIG.segmentBytes();
        Fixture store = new Fixture(disk);
        long messages = 0;
        while (store.storage.maxLogOffset() < first + 1000) {
            store.append("T", 0, "message " + messages++);
        }
        int end = (int) (store.storage.maxLogOffset() - first);
        store.storage.close();
        truncate(Fixture.segment(first), end);

        Fixture again = new Fixture(disk);
        again.append("T", 0, "one more");
        assertThat(again.read("T", 0)).hasSize((int) messages + 1).containsEntry(messages, "one more");
        again.storage.close();
    }

    /** It must not become the size of all segments to come. */
    @Test
    void anOnlySegmentCutShortAboveTheCheckpointIsCompleted() {
        Fixture store = new Fixture(disk);
        for (int i = 0; i < 5; i++) {
            store.append("T", 0, "message " + i);
        }
        int end = (int) store.storage.maxLogOffset();
        store.storage.close();
        truncate(Fixture.segment(0), end);

        Fixture again = new Fixture(disk);
        again.append("T", 0, "one more");
        assertThat(again.read("T", 0)).hasSize(6).containsEntry(0L, "message 0").containsEntry(5L, "one more");
        again.storage.close();
        try (DiskFile file = disk.openRead(Fixture.segment(0))) {
            assertThat(file.size()).isEqualTo(Fixture.CONFIG.segmentBytes());
        }
    }

    @Test
    void anOnlySegmentWhoseSizeIsUnknownIsLeftAlone() {
        disk.createFolders(Fixture.LOG);
        try (DiskFile file = disk.create(Fixture.segment(4096))) {
            file.allocate(100);
        }
        assertThatThrownBy(() -> new Fixture(disk))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("was cut short: 100 bytes")
                .hasMessageContaining("storage.segment");
        try (DiskFile file = disk.openRead(Fixture.segment(4096))) {
            assertThat(file.size()).isEqualTo(100);
        }
    }

    private void truncate(Path segment, int bytes) {
        try (DiskFile file = disk.open(segment)) {
            file.truncate(bytes);
        }
    }
}
