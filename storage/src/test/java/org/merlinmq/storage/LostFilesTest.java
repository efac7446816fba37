package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.testkit.SimDisk;

/** Files of a stopped store that somebody deleted or emptied. */
class LostFilesTest {
    private static final Path FOLDER = Fixture.FOLDER.resolve("merlin");
    private final SimDisk disk = new SimDisk();

    @BeforeEach
    void fill() {
        Fixture store = new Fixture(disk);
        for (int i = 0; i < 20; i++) {
            store.append("T", i % 2, "message " + i);
        }
        store.storage.close();
        assertThat(disk.exists(FOLDER.resolve("checkpoint"))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutAnySnapshotOfTheQueueTableAllQueuesAreMadeAnew(boolean emptied) {
        for (Path file : disk.files()) {
            if (String.valueOf(file.getFileName()).matches("queues-\\d+\\.snap")) {
                lose(file, emptied);
            }
        }
        for (int start = 0; start < 2; start++) {
            Fixture again = new Fixture(disk);
            assertThat(again.read("T", 0)).hasSize(10).containsEntry(9L, "message 18");
            assertThat(again.read("T", 1)).hasSize(10);
            again.storage.close();
        }
    }

    @Test
    void aFolderInTheCheckpointsPlaceIsNamed() {
        disk.delete(FOLDER.resolve("checkpoint"));
        disk.createFolders(FOLDER.resolve("checkpoint"));
        assertThatThrownBy(() -> new Fixture(disk))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(FOLDER.resolve("checkpoint") + ": expected a file, found a folder");
    }

    private void lose(Path lost, boolean emptied) {
        if (!emptied) {
            disk.delete(lost);
            return;
        }
        try (DiskFile file = disk.open(lost)) {
            file.truncate(0);
        }
    }
}
