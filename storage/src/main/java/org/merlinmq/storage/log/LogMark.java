package org.merlinmq.storage.log;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.merlinmq.platform.disk.Disk;

/**
 * A small file beside the segments that is there while something holds for their log.
 *
 * <p>Threading: one thread at a time.
 */
final class LogMark {
    private final Disk disk;
    private final Path folder;
    private final Path path;

    private LogMark(Disk disk, Path folder, String name) {
        this.disk = disk;
        this.folder = folder;
        this.path = folder.resolve(name);
    }

    /**
     * It follows another one. After a crash such a log ends at the first byte that a loss of power damaged, also where whole
     * records follow: the other log has all of it, and must find here what it has.
     */
    static LogMark follows(Disk disk, Path folder) {
        return new LogMark(disk, folder, "follows");
    }

    /** A start has given up whole records behind damage, and nobody has taken note yet. */
    static LogMark lost(Disk disk, Path folder) {
        return new LogMark(disk, folder, "lost");
    }

    void set() {
        disk.replace(path, String.valueOf(path.getFileName()).getBytes(StandardCharsets.US_ASCII));
    }

    boolean isSet() {
        return disk.exists(path);
    }

    void clear() {
        disk.delete(path);
        disk.forceFolder(folder);
    }
}
