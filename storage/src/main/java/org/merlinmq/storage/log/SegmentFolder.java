package org.merlinmq.storage.log;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.platform.disk.FileNames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens what segment files a folder has, and refuses a set that cannot be a log: a gap, or a file of another size.
 *
 * <p>The size of the files there wins over the configured one, since a log has segments of one size. Only the last file
 * may be short: its making was cut off by a crash.
 */
final class SegmentFolder {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentFolder.class);

    private static final int PAGE_BYTES = 4096;

    private SegmentFolder() {}

    static Segments open(Disk disk, Path folder, long configuredBytes, long reached) {
        disk.createFolders(folder);
        List<Path> files = new ArrayList<>(
                disk.list(folder).stream().filter(SegmentFolder::isSegment).toList());
        if (files.isEmpty()) {
            mustReach(folder, 0, reached);
            return new Segments(disk, folder, configuredBytes, List.of());
        }
        long segmentBytes = sizeOfAll(disk, files, configuredBytes);
        // Before anything is mended: what the last file lacks may lie in a copy of it.
        mustReach(folder, baseOf(files.getLast()) + sizeOf(disk, files.getLast()), reached);
        if (!complete(disk, files.getLast(), segmentBytes, files.size() > 1)) {
            disk.delete(files.removeLast());
        }
        List<Segment> open = new ArrayList<>();
        for (Path file : files) {
            long base = baseOf(file);
            if (!open.isEmpty() && open.getLast().end() != base) {
                throw gap(open.getLast(), file);
            }
            open.add(Segment.open(disk, file, base, segmentBytes));
        }
        return new Segments(disk, folder, segmentBytes, open);
    }

    private static boolean isSegment(Path file) {
        return file.getFileName().toString().matches("\\d{" + FileNames.DIGITS + "}");
    }

    private static long baseOf(Path file) {
        try {
            return Long.parseLong(file.getFileName().toString());
        } catch (NumberFormatException e) {
            throw new DiskException(file + ": the name is no log offset; move the file elsewhere.", false, e);
        }
    }

    /** The size that the names and the files agree on best; each file is then held against it. */
    private static long sizeOfAll(Disk disk, List<Path> files, long configuredBytes) {
        long largest = 0;
        long nearest = Long.MAX_VALUE;
        for (int i = 0; i < files.size(); i++) {
            largest = Math.max(largest, sizeOf(disk, files.get(i)));
            nearest = i == 0 ? nearest : Math.min(nearest, baseOf(files.get(i)) - baseOf(files.get(i - 1)));
        }
        boolean cut = files.size() == 1 && isCut(files.getFirst(), largest, configuredBytes);
        long segmentBytes = cut ? configuredBytes : Math.min(largest, nearest);
        for (Path file : files) {
            checkSize(file, sizeOf(disk, file), segmentBytes, file.equals(files.getLast()));
        }
        if (segmentBytes != configuredBytes) {
            LOG.warn(
                    "segment-size configured={} inUse={} cause=\"the log has segments of this size\"",
                    configuredBytes,
                    segmentBytes);
        }
        return segmentBytes;
    }

    /**
     * Whether the size of a log's only file is no segment's: its making was cut off, or a copy of it ended early. A log
     * begins at a multiple of its segments' size, and sizes are whole pages.
     */
    private static boolean isCut(Path file, long size, long configuredBytes) {
        long base = baseOf(file);
        if (size != 0 && (size >= configuredBytes || (size % PAGE_BYTES == 0 && base % size == 0))) {
            return false;
        }
        if (base % configuredBytes != 0) {
            throw new DiskException(
                    "The only segment " + file + " was cut short: " + size
                            + " bytes are no segment's size. Restore the file"
                            + " from a copy, or set storage.segment to the size that it had: to start with what is"
                            + " there, any that divides " + base + " and is not below " + size + ".",
                    false,
                    null);
        }
        return true;
    }

    private static void checkSize(Path file, long size, long segmentBytes, boolean last) {
        if (size != segmentBytes && !(last && size < segmentBytes)) {
            throw new DiskException(
                    file + ": expected a segment of " + segmentBytes + " bytes like the others, found " + size
                            + ". Restore the file from a copy, or move it and those before it elsewhere to start"
                            + " without their messages.",
                    false,
                    null);
        }
    }

    private static long sizeOf(Disk disk, Path file) {
        try (DiskFile open = disk.openRead(file)) {
            return open.size();
        }
    }

    /**
     * Gives the last file its full size, as the crash that cut off its making did not. Returns whether it stays: on a full
     * disk one that holds nothing is made again when there is room.
     */
    private static boolean complete(Disk disk, Path file, long segmentBytes, boolean hasOthers) {
        try (DiskFile open = disk.open(file)) {
            if (open.size() < segmentBytes) {
                LOG.warn("segment-completed file={} found={} bytes={}", file, open.size(), segmentBytes);
            }
            // Also where the size is right: the space of another broker's sparse file is to be reserved.
            open.allocate(segmentBytes);
            // Or a loss of power could cut it short when others follow it.
            open.force();
            return true;
        } catch (DiskException e) {
            if (!e.full() || !hasOthers || !isEmpty(disk, file)) {
                throw e;
            }
            LOG.warn(
                    "segment-not-completed file={} cause=\"{}\" action=\"deleted: it is empty\"", file, e.getMessage());
            return false;
        }
    }

    private static boolean isEmpty(Disk disk, Path file) {
        byte[] bytes = new byte[1 << 20];
        try (DiskFile open = disk.openRead(file)) {
            long end = open.dataEnd();
            for (long at = 0; at < end; at += bytes.length) {
                int count = open.read(at, bytes, 0, (int) Math.min(bytes.length, end - at));
                for (int i = 0; i < count; i++) {
                    if (bytes[i] != 0) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private static void mustReach(Path folder, long end, long reached) {
        if (end < reached) {
            throw new DiskException(
                    "The log in " + folder + " ends at offset " + end + " but reached " + reached
                            + " at the last checkpoint: segments are missing, or the last one was cut short. Restore"
                            + " them, or delete the file merlin/checkpoint in the data folder to start with what is"
                            + " there.",
                    false,
                    null);
        }
    }

    private static DiskException gap(Segment before, Path after) {
        return new DiskException(
                "The log's folder " + after.getParent() + " lacks the segment " + Segment.name(before.end())
                        + " between " + before.path().getFileName() + " and " + after.getFileName()
                        + ". Restore the file, or move those before it elsewhere to start without their messages.",
                false,
                null);
    }
}
