package org.merlinmq.platform.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.byLessThan;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RealDiskTest {
    private final Disk disk = new RealDisk();

    @TempDir
    Path folder = Path.of(".");

    @Test
    void whatIsWrittenIsReadBackAndSeenInTheMapping() {
        try (DiskFile file = disk.create(folder.resolve("f"))) {
            file.allocate(8192);
            assertThat(file.size()).isEqualTo(8192);
            try (Mapping mapping = file.map(0, 8192)) {
                file.write(5000, new byte[] {9, 1, 2, 3, 9}, 1, 3);
                file.force();
                byte[] back = new byte[4];
                assertThat(file.read(4999, back, 0, 4)).isEqualTo(4);
                assertThat(back).containsExactly(0, 1, 2, 3);
                assertThat(mapping.bytes().get(ValueLayout.JAVA_BYTE, 5001)).isEqualTo((byte) 2);
            }
            assertThat(file.read(8190, new byte[10], 0, 10)).isEqualTo(2);
            assertThat(file.read(9000, new byte[10], 0, 10)).isZero();
        }
    }

    @Test
    void anInterruptDoesNotCloseTheFile() {
        try (DiskFile file = disk.create(folder.resolve("f"))) {
            Thread.currentThread().interrupt();
            file.write(0, new byte[] {1, 2, 3}, 0, 3);
            assertThat(Thread.interrupted()).isTrue();
            byte[] back = new byte[3];
            assertThat(file.read(0, back, 0, 3)).isEqualTo(3);
            assertThat(back).containsExactly(1, 2, 3);
        }
    }

    @Test
    void spaceThatTheFileSystemReservesForOthersDoesNotCountAsUsed() throws IOException {
        FileStore store = Files.getFileStore(folder);
        long used = store.getTotalSpace() - store.getUnallocatedSpace();
        assertThat(disk.totalBytes(folder) - disk.usableBytes(folder))
                .as("bytes in use, as df counts them")
                .isCloseTo(used, byLessThan(1L << 30)); // others write meanwhile
    }

    @Test
    void aClosedFileSaysSo() {
        DiskFile file = disk.create(folder.resolve("f"));
        file.close();
        assertThatThrownBy(() -> file.write(0, new byte[1], 0, 1))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining(folder.resolve("f").toString());
    }

    @Test
    void mappingBeyondTheEndIsRefused() {
        try (DiskFile file = disk.create(folder.resolve("f"))) {
            file.write(0, new byte[10], 0, 10);
            assertThatThrownBy(() -> file.map(0, 4096)).isInstanceOf(DiskException.class);
        }
    }

    @Test
    void replaceLeavesOneFileWithTheNewContent() {
        Path file = folder.resolve("manifest");
        disk.replace(file, "one".getBytes(StandardCharsets.US_ASCII));
        disk.replace(file, "two".getBytes(StandardCharsets.US_ASCII));
        assertThat(disk.readAll(file, 10)).asString(StandardCharsets.US_ASCII).isEqualTo("two");
        assertThat(disk.list(folder)).containsExactly(file);
        assertThatThrownBy(() -> disk.readAll(file, 2)).isInstanceOf(DiskException.class);
    }

    @Test
    void theSecondLockNamesTheHolder() {
        Path lock = folder.resolve("lock");
        try (FolderLock held = disk.lock(lock)) {
            assertThat(held).isNotNull();
            assertThatThrownBy(() -> disk.lock(lock))
                    .isInstanceOf(DiskException.class)
                    .hasMessageContaining("pid " + ProcessHandle.current().pid());
        }
        disk.lock(lock).close();
    }

    @Test
    void aFullDiskIsTold() {
        Path full = Path.of("/dev/full");
        if (Files.exists(full)) {
            try (DiskFile file = disk.open(full)) {
                assertThatThrownBy(() -> file.write(0, new byte[1], 0, 1))
                        .isInstanceOfSatisfying(
                                DiskException.class, e -> assertThat(e.full()).isTrue());
            }
        }
    }
}
