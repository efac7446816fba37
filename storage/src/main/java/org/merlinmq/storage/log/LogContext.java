package org.merlinmq.storage.log;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.thread.StoreThreads;
import org.merlinmq.storage.index.LogIndex;

/**
 * What a log works with.
 *
 * @param disk where its files are
 * @param settings of the log
 * @param appendLock guards appending and publishing; shared with the queues
 * @param indexes get the records that are published, in this order
 * @param nowMillis the time
 * @param threads do its own work
 */
public record LogContext(
        Disk disk,
        LogSettings settings,
        ReentrantLock appendLock,
        List<LogIndex> indexes,
        LongSupplier nowMillis,
        StoreThreads threads) {}
