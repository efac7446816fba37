package org.merlinmq.storage.log;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a scan of the log found.
 *
 * @param end where the last whole record ends: the next one goes here
 * @param records how many were found
 * @param lastStoreMillis the latest store time among them; 0 if there was none
 * @param cut what was taken off behind the end; null if there was nothing but zeros
 * @param damaged the places in the middle where no record could be read
 */
public record ScanReport(
        long end,
        long records,
        long lastStoreMillis,
        @Nullable Place cut,
        List<Place> damaged) {
    /**
     * Bytes of the log that are no record.
     *
     * @param file the segment
     * @param position where in the file
     * @param logOffset the same, in the log
     * @param bytes how many
     */
    public record Place(Path file, long position, long logOffset, long bytes) {}
}
