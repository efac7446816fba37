package org.merlinmq.storage.log;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;

/**
 * The open segments of a log, without gap, in the order of their offsets.
 *
 * <p>Threading: {@code find} on any thread without a lock; making and dropping segments under this object's monitor.
 */
final class Segments implements AutoCloseable {
    private final Disk disk;
    private final Path folder;
    private final long segmentBytes;
    private volatile Segment[] open;

    Segments(Disk disk, Path folder, long segmentBytes, List<Segment> found) {
        this.disk = disk;
        this.folder = folder;
        this.segmentBytes = segmentBytes;
        this.open = found.toArray(Segment[]::new);
    }

    long segmentBytes() {
        return segmentBytes;
    }

    /** The segment that holds an offset; null if it is deleted or not made yet. */
    @Nullable Segment find(long logOffset) {
        Segment[] now = open;
        if (now.length == 0 || logOffset < now[0].base()) {
            return null;
        }
        long index = (logOffset - now[0].base()) / segmentBytes;
        return index < now.length ? now[(int) index] : null;
    }

    /** The segment that holds an offset, which must exist. */
    Segment at(long logOffset) {
        Segment found = find(logOffset);
        if (found == null) {
            throw new IllegalStateException("no segment holds log offset " + logOffset);
        }
        return found;
    }

    /**
     * The segment that begins at an offset, made now if it is not there: it is the next one or one that exists. For whoever
     * asks so late that it was made, filled and deleted meanwhile, the first there is.
     */
    Segment ensure(long base) {
        Segment found = find(base);
        return found != null ? found : make(base);
    }

    private synchronized Segment make(long base) {
        Segment found = find(base);
        if (found != null) {
            return found;
        }
        Segment[] now = open;
        if (now.length > 0 && base < now[0].base()) {
            return now[0];
        }
        assert now.length == 0 || now[now.length - 1].end() == base;
        Segment made = Segment.create(disk, folder, base, segmentBytes);
        Segment[] more = Arrays.copyOf(now, now.length + 1);
        more[now.length] = made;
        open = more;
        return made;
    }

    /** Where the first segment begins; 0 if there is none. */
    long begin() {
        Segment[] now = open;
        return now.length == 0 ? 0 : now[0].base();
    }

    /** Where the last segment ends; 0 if there is none. */
    long end() {
        Segment[] now = open;
        return now.length == 0 ? 0 : now[now.length - 1].end();
    }

    List<Segment> all() {
        return List.of(open);
    }

    /** Makes all bytes from one offset to another durable. */
    void force(long from, long to) {
        for (Segment segment : open) {
            if (segment.base() < to && segment.end() > from) {
                segment.force();
            }
        }
    }

    /** Deletes the first segment, all of which lies below an offset. A reader inside meets an exception, never a crash. */
    synchronized Segment dropFirst(long below) {
        List<Segment> rest = new ArrayList<>(List.of(open));
        Segment first = rest.removeFirst();
        if (first.end() > below || rest.isEmpty()) {
            throw new IllegalStateException(first.path() + " is still written");
        }
        open = rest.toArray(Segment[]::new);
        disk.delete(first.path());
        first.close();
        return first;
    }

    @Override
    public synchronized void close() {
        for (Segment segment : open) {
            segment.close();
        }
    }
}
