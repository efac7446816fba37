package org.merlinmq.storage.log;

/**
 * What a log did since it was opened.
 *
 * @param records appended
 * @param batches appended
 * @param bytes appended, blank space at the ends of segments included
 * @param syncs to the disk
 * @param syncNanos time spent in them
 * @param damagedReads reads that met other bytes than were written
 */
public record LogCounts(long records, long batches, long bytes, long syncs, long syncNanos, long damagedReads) {}
