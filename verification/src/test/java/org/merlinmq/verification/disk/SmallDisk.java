package org.merlinmq.verification.disk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** A file system of a few megabytes, mounted for one test, and a file on it that takes space away. */
final class SmallDisk implements AutoCloseable {
    private static final int BLOCK_BYTES = 64 << 10;

    private static final String IMAGE = "disk.image";

    private final Path folder;
    private final Path ballast;

    private SmallDisk(Path folder) {
        this.folder = folder;
        this.ballast = folder.resolve("ballast");
    }

    /**
     * Mounts one; skips the test with a reason where that is not permitted.
     *
     * @param kind {@code tmpfs}, or {@code ext4} in a file
     * @param under an empty folder
     */
    static SmallDisk mount(String kind, Path under, int megabytes) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(under.resolve("disk"));
        if (kind.equals("tmpfs")) {
            mustRun("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "merlin-test", folder.toString());
        } else {
            Path image = under.resolve(IMAGE);
            try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
                file.setLength((long) megabytes << 20);
            }
            mustRun("mkfs." + kind, "-q", "-m", "0", image.toString());
            // The file system's own journal is committed when a program syncs, not each five seconds besides.
            mustRun("mount", "-o", "loop,commit=600", image.toString(), folder.toString());
        }
        return new SmallDisk(folder);
    }

    /**
     * The disk as a loss of power would leave it at this moment: a copy of its image, which has what was synced, and not
     * what waits in the page cache to be written. Whoever writes to the disk must stand still meanwhile.
     *
     * @param disk a disk of kind {@code ext4} that was mounted under a folder
     * @param under an empty folder
     */
    static SmallDisk afterPowerCut(SmallDisk disk, Path under) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(under.resolve("disk"));
        Path image = under.resolve(IMAGE);
        mustRun("cp", "--sparse=always", disk.folder.resolveSibling(IMAGE).toString(), image.toString());
        mustRun("mount", "-o", "loop", image.toString(), folder.toString());
        return new SmallDisk(folder);
    }

    private static void mustRun(String... command) throws InterruptedException {
        String said = run(command);
        Assumptions.assumeTrue(said.isEmpty(), () -> "no small disk here: " + String.join(" ", command) + ": " + said);
    }

    /** Runs a command; returns what it said if it failed. */
    private static String run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            boolean ended = process.waitFor(30, TimeUnit.SECONDS);
            return ended && process.exitValue() == 0 ? "" : "it failed, and said '" + said.strip() + "'";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    Path folder() {
        return folder;
    }

    /** Takes so much space away. */
    void take(int megabytes) throws IOException {
        try (OutputStream out = Files.newOutputStream(ballast)) {
            for (long left = (long) megabytes << 20; left > 0; left -= BLOCK_BYTES) {
                out.write(new byte[BLOCK_BYTES]);
            }
        }
    }

    /** Takes all space away, to the last block. */
    void takeAll() throws IOException {
        int block = BLOCK_BYTES;
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (block > 0) {
                try {
                    out.write(new byte[block]);
                } catch (IOException full) {
                    block /= 2;
                }
            }
        }
    }

    /** Gives back all that was taken. */
    void giveBack() throws IOException {
        Files.deleteIfExists(ballast);
    }

    @Override
    public void close() {
        Awaitility.await("unmounting " + folder)
                .atMost(Duration.ofSeconds(30))
                .until(() -> run("umount", folder.toString()).isEmpty());
    }
}
