package org.merlinmq.storage.log;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.platform.disk.FileNames;
import org.merlinmq.platform.disk.Mapping;

/**
 * One file of the log: a whole number of records, then a blank record up to the end.
 *
 * <p>It is written at positions and read through one mapping of the whole file. It never changes its size while open, so
 * no reader can touch a page that is not there.
 *
 * <p>Threading: any thread. A reader that comes after {@link #close} meets an {@link IllegalStateException}, which the
 * log turns into "removed".
 */
final class Segment {

    private final long base;
    private final long bytes;
    private final Path path;
    private final DiskFile file;
    private final Mapping mapping;
    private final MemorySegment memory;

    private Segment(long base, long bytes, DiskFile file) {
        this.base = base;
        this.bytes = bytes;
        this.path = file.path();
        this.file = file;
        this.mapping = file.map(0, bytes);
        this.memory = mapping.bytes();
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

    /** Copies bytes that lie wholly inside. */
    void copy(long logOffset, byte[] to, int at, int count) {
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, logOffset - base, to, at, count);
    }

    void force() {
        file.force();
    }

    void close() {
        mapping.close();
        file.close();
    }
}
