package org.merlinmq.verification.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A bound on what a process writes to a disk, by a control group of its own. What waits for the disk then waits long: the sync of
 * the log, checkpoints. A write that the page cache takes does not.
 */
final class SlowDisk {
    private static final Path GROUPS = Path.of("/sys/fs/cgroup");

    private final Path parent;
    private final Path group;

    private SlowDisk(Path parent, Path group) {
        this.parent = parent;
        this.group = group;
    }

    /**
     * Bounds what a process writes to the disk that a file lies on; an {@link IOException} says why that is not possible here. A disk
     * in memory has no bound.
     */
    static SlowDisk bound(long pid, Path file, long bytesPerSecond) throws IOException {
        long device = ((Number) Files.getAttribute(file, "unix:dev")).longValue();
        long major = (device >> 8) & 0xFFF;
        long minor = (device & 0xFF) | ((device >> 12) & 0xFFF00);
        Path parent = ownGroup();
        SlowDisk slow = new SlowDisk(parent, Files.createDirectories(parent.resolve("merlin-test-" + pid)));
        try {
            Path old = slow.group.resolve("blkio.throttle.write_bps_device");
            if (Files.exists(old)) {
                Files.writeString(old, major + ":" + minor + " " + bytesPerSecond);
            } else {
                Files.writeString(
                        slow.group.resolve("io.max"),
                        String.format(Locale.ROOT, "%d:%d wbps=%d", major, minor, bytesPerSecond));
            }
            Files.writeString(slow.group.resolve("cgroup.procs"), Long.toString(pid));
        } catch (IOException e) {
            Files.deleteIfExists(slow.group);
            throw e;
        }
        return slow;
    }

    /** The control group of the tests, in which the disks are bound. */
    private static Path ownGroup() throws IOException {
        Path unified = GROUPS;
        for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
            String[] parts = line.split(":", 3);
            if (("," + parts[1] + ",").contains(",blkio,")) {
                return GROUPS.resolve("blkio").resolve(parts[2].substring(1));
            }
            if (parts[1].isEmpty()) {
                unified = GROUPS.resolve(parts[2].substring(1));
            }
        }
        return unified;
    }

    /** Ends the bound; a process that has ended needs none. */
    void end(long pid) throws IOException {
        if (ProcessHandle.of(pid).isPresent()) {
            Files.writeString(parent.resolve("cgroup.procs"), Long.toString(pid));
        }
        Files.deleteIfExists(group);
    }
}
