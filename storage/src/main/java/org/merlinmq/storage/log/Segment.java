package org.merlinmq.storage.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.platform.disk.FileNames;

/**
 * One file of the log: a whole number of records, then a blank record up to the end.
 *
 * <p>It is written and read at positions, and never mapped: the memory that reading takes is what its readers hold, however
 * large the log is, and a disk that cannot read is an exception with a position instead of a fault of the process.
 *
 * <p>Threading: any thread. A reader that comes after {@link #close}, or is inside then, finds that the segment is gone.
 */
final class Segment {

    private final long base;
    private final long bytes;
    private final Path path;
    private final DiskFile file;
    private volatile boolean closed;

    private Segment(long base, long bytes, DiskFile file) {
        this.base = base;
        this.bytes = bytes;
        this.path = file.path();
        this.file = file;
    }

    /** Opens a file of the right size. */
    static Segment open(Disk disk, Path path, long base, long bytes) {
        return new Segment(base, bytes, disk.open(path));
    }

    /** Makes a file of the right size, its space reserved and its name durable. Nothing is left of a failed try. */
    static Segment create(Disk disk, Path folder, long base, long bytes) {
        Path path = folder.resolve(name(base));
        boolean whole = false;
        DiskFile file = disk.create(path);
        try {
            file.allocate(bytes);
            file.force();
            disk.forceFolder(folder);
            Segment made = new Segment(base, bytes, file);
            whole = true;
            return made;
        } finally {
            if (!whole) {
                file.close();
                disk.delete(path);
            }
        }
    }

    static String name(long base) {
        return FileNames.digits(base);
    }

    long base() {
        return base;
    }

    long end() {
        return base + bytes;
    }

    Path path() {
        return path;
    }

    DiskFile file() {
        return file;
    }

    void write(long logOffset, byte[] from, int at, int count) {
        assert logOffset >= base && logOffset + count <= end();
        file.write(logOffset - base, from, at, count);
    }

    /**
     * Reads bytes that lie wholly inside.
     *
     * @return false if the segment was closed
     */
    boolean read(long logOffset, byte[] to, int at, int count) {
        return read(logOffset, ByteBuffer.wrap(to, at, count));
    }

    /** As {@link #read(long, byte[], int, int)}, up to the buffer's limit. */
    boolean read(long logOffset, ByteBuffer to) {
        int count = to.remaining();
        assert logOffset >= base && logOffset + count <= end();
        int found;
        try {
            found = file.read(logOffset - base, to);
        } catch (DiskException e) {
            if (closed) {
                return false;
            }
            throw unread(logOffset, count, String.valueOf(e.getMessage()), e);
        }
        if (found < count) {
            throw unread(logOffset, count, "the file ends after " + found + " of them", null);
        }
        return true;
    }

    private DiskException unread(long logOffset, int count, String why, @Nullable DiskException cause) {
        String what = "Reading " + count + " bytes at position " + (logOffset - base) + " of " + path;
        return new DiskException(what + " failed: " + why, false, cause);
    }

    void force() {
        file.force();
    }

    void close() {
        closed = true;
        file.close();
    }
}
