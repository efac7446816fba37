package org.merlinmq.storage.log;

/**
 * Who waits for the disk now.
 *
 * @param batches how many batches; none unless sends wait for the disk
 * @param oldestNanos how long the first of them has waited; 0 if there is none
 */
public record FlushQueue(int batches, long oldestNanos) {}
