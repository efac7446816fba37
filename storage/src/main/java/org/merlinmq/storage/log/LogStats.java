package org.merlinmq.storage.log;

/**
 * What the log did since it was opened, for metrics.
 *
 * @param records appended
 * @param batches appended
 * @param bytes appended, blank space at the ends of segments included
 * @param syncs how long each sync of the log to the disk took; it counts on
 * @param flushWaits how long each batch that waits for the disk waited; it counts on
 * @param damagedReads reads that met other bytes than were written
 */
public record LogStats(
        long records, long batches, long bytes, Durations syncs, Durations flushWaits, long damagedReads) {}
