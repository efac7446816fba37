package org.merlinmq.storage;

/**
 * What the store did since it was opened, for metrics.
 *
 * @param records appended
 * @param batches appended
 * @param bytes appended, blank space at the ends of segments included
 * @param syncs of the log to the disk
 * @param syncNanos time spent in them
 * @param damagedReads reads that met other bytes than were written
 */
public record StorageStats(long records, long batches, long bytes, long syncs, long syncNanos, long damagedReads) {}
