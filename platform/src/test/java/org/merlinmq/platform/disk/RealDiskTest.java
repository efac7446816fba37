package org.merlinmq.platform.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.byLessThan;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
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
    void arraysAndBuffersOfAnySizeAreFilledUpToTheEndOfTheFile() {
        byte[] bytes = new byte[1_000_000];
        new Random(7).nextBytes(bytes);
        try (DiskFile file = disk.create(folder.resolve("f"))) {
            file.write(0, bytes, 0, bytes.length);
            byte[] array = new byte[700_010];
            assertThat(file.read(400_000, array, 10, 700_000)).isEqualTo(600_000);
            assertThat(Arrays.copyOfRange(array, 10, 600_010)).isEqualTo(Arrays.copyOfRange(bytes, 400_000, 1_000_000));
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(500_000).limit(300_010).position(10);
            assertThat(file.read(100_000, direct)).isEqualTo(300_000);
            assertThat(direct.position()).isEqualTo(300_010);
            byte[] back = new byte[300_000];
            direct.get(10, back);
            assertThat(back).isEqualTo(Arrays.copyOfRange(bytes, 100_000, 400_000));
            assertThat(file.read(1_000_000, direct.clear())).isZero();
        }
    }

    @Test
    void aMappingThatGaveItsMemoryBackIsStillRead() throws IOException {
        Path path = folder.resolve("mapped");
        byte[] bytes = new byte[1 << 20];
        new Random(7).nextBytes(bytes);
        try (DiskFile file = disk.create(path)) {
            file.write(0, bytes, 0, bytes.length);
            try (Mapping mapping = file.map(0, bytes.length)) {
                assertThat(mapping.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
                long before = residentKilobytes(path);
                mapping.giveBack();
                assertThat(residentKilobytes(path)).isEqualTo(before < 0 ? before : 0);
                assertThat(before).as("all of it, or -1 where no one can tell").isIn(1024L, -1L);
                assertThat(mapping.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
            }
        }
    }

    /** What the system counts as this process's memory for the mappings of a file; -1 if it does not say. */
    private static long residentKilobytes(Path path) throws IOException {
        Path maps = Path.of("/proc/self/smaps");
        if (!Files.exists(maps)) {
            return -1;
        }
        long sum = 0;
        boolean inside = false;
        for (String line : Files.readAllLines(maps)) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                inside = line.endsWith(path.toString());
            } else if (inside && line.startsWith("Rss:")) {
                sum += Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return sum;
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
