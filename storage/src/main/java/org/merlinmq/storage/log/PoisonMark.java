package org.merlinmq.storage.log;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small file that says where a failed write left a hole. Batches above the hole were refused, but their bytes may be in
 * the file: the next start cuts the log at the mark, so that they do not come back.
 *
 * <p>Threading: any thread.
 *
 * <p>Errors: on a broken disk the mark may fail, too. Then the refused records may come back at the next start, as those
 * may that were written right before a crash.
 */
final class PoisonMark {
    private static final Logger LOG = LoggerFactory.getLogger(PoisonMark.class);
    private static final int MAX_BYTES = 32;

    private final Disk disk;
    private final Path folder;
    private final Path path;
    private long marked = Long.MAX_VALUE;

    PoisonMark(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
        this.path = folder.resolve("cut-at");
    }

    synchronized void set(long logOffset) {
        if (logOffset >= marked) {
            return;
        }
        marked = logOffset;
        try {
            disk.replace(path, Long.toString(logOffset).getBytes(StandardCharsets.US_ASCII));
        } catch (DiskException e) {
            LOG.error("poison-mark-failed logOffset={} cause=\"{}\"", logOffset, e.getMessage());
        }
    }

    /** The marked offset; {@link Long#MAX_VALUE} if there is none. */
    long find() {
        if (!disk.exists(path)) {
            return Long.MAX_VALUE;
        }
        String text = new String(disk.readAll(path, MAX_BYTES), StandardCharsets.US_ASCII);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new DiskException(
                    path + ": expected a log offset, found '" + text
                            + "'. Delete the file to start without cutting the log.",
                    false,
                    e);
        }
    }

    void clear() {
        disk.delete(path);
        disk.forceFolder(folder);
    }
}
