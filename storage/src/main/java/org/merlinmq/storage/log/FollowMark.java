package org.merlinmq.storage.log;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.merlinmq.platform.disk.Disk;

/**
 * A small file that is there while a log follows another one. After a crash such a log ends at the first byte that a loss of
 * power damaged, also where whole records follow: the other log has all of it, and must find here what it has.
 *
 * <p>Threading: one thread at a time.
 */
final class FollowMark {
    private final Disk disk;
    private final Path folder;
    private final Path path;

    FollowMark(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
        this.path = folder.resolve("follows");
    }

    void set() {
        disk.replace(path, "follows".getBytes(StandardCharsets.US_ASCII));
    }

    boolean isSet() {
        return disk.exists(path);
    }

    void clear() {
        disk.delete(path);
        disk.forceFolder(folder);
    }
}
