package org.merlinmq.server;

import java.nio.file.Path;
import org.merlinmq.broker.admin.DiskSpace;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.RealDisk;

/** The space of the disk that a folder is on. Threading: any thread that may wait for the disk. */
final class FolderSpace implements DiskSpace {
    private final Disk disk = new RealDisk();
    private final Path folder;

    FolderSpace(Path folder) {
        this.folder = folder;
    }

    @Override
    public String path() {
        return folder.toString();
    }

    @Override
    public long totalBytes() {
        return disk.totalBytes(folder);
    }

    @Override
    public long usableBytes() {
        return disk.usableBytes(folder);
    }
}
