package org.merlinmq.broker;

import java.nio.file.Path;
import java.util.List;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.platform.disk.FolderLock;
import org.merlinmq.platform.disk.Mapping;
import org.merlinmq.platform.disk.RealDisk;

/** A real disk that can be without space for another segment of the log. */
public final class CrampedDisk implements Disk {
    /** Whether no segment can be made now. */
    public volatile boolean full;

    private final Disk disk = new RealDisk();

    /** A disk with space. */
    public CrampedDisk() {}

    private final class File implements DiskFile {
        private final DiskFile file;

        File(DiskFile file) {
            this.file = file;
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public long size() {
            return file.size();
        }

        @Override
        public void write(long position, byte[] bytes, int at, int count) {
            file.write(position, bytes, at, count);
        }

        @Override
        public int read(long position, byte[] bytes, int at, int count) {
            return file.read(position, bytes, at, count);
        }

        @Override
        public void force() {
            file.force();
        }

        @Override
        public void allocate(long bytes) {
            if (full) {
                throw new DiskException("allocate " + file.path() + " failed: no space left", true, null);
            }
            file.allocate(bytes);
        }

        @Override
        public long dataEnd() {
            return file.dataEnd();
        }

        @Override
        public void truncate(long bytes) {
            file.truncate(bytes);
        }

        @Override
        public Mapping map(long position, long bytes) {
            return file.map(position, bytes);
        }

        @Override
        public void close() {
            file.close();
        }
    }

    @Override
    public DiskFile create(Path path) {
        return new File(disk.create(path));
    }

    @Override
    public DiskFile open(Path path) {
        return new File(disk.open(path));
    }

    @Override
    public DiskFile openRead(Path path) {
        return disk.openRead(path);
    }

    @Override
    public boolean exists(Path path) {
        return disk.exists(path);
    }

    @Override
    public boolean isFolder(Path path) {
        return disk.isFolder(path);
    }

    @Override
    public List<Path> list(Path folder) {
        return disk.list(folder);
    }

    @Override
    public void createFolders(Path folder) {
        disk.createFolders(folder);
    }

    @Override
    public void delete(Path path) {
        disk.delete(path);
    }

    @Override
    public void rename(Path from, Path to) {
        disk.rename(from, to);
    }

    @Override
    public void replace(Path path, byte[] bytes) {
        disk.replace(path, bytes);
    }

    @Override
    public byte[] readAll(Path path, int maxBytes) {
        return disk.readAll(path, maxBytes);
    }

    @Override
    public void forceFolder(Path folder) {
        disk.forceFolder(folder);
    }

    @Override
    public long modifiedMillis(Path path) {
        return disk.modifiedMillis(path);
    }

    @Override
    public long totalBytes(Path path) {
        return disk.totalBytes(path);
    }

    @Override
    public long usableBytes(Path path) {
        return disk.usableBytes(path);
    }

    @Override
    public FolderLock lock(Path path) {
        return disk.lock(path);
    }
}
