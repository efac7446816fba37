package org.merlinmq.storage.log;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.disk.Disk;
import org.merlinmq.storage.index.KeyIndex;
import org.merlinmq.storage.timer.TimerIndex;

/**
 * What a log is made of.
 *
 * @param disk where its files are
 * @param settings of the log
 * @param appendLock guards appending and publishing; shared with the queues
 * @param keys gets the keys of records; null if keys are not indexed
 * @param timers gets the records that are due later
 * @param nowMillis the time
 */
public record LogParts(
        Disk disk,
        LogSettings settings,
        ReentrantLock appendLock,
        @Nullable KeyIndex keys,
        TimerIndex timers,
        LongSupplier nowMillis) {}
