package org.merlinmq.storage;

import java.time.Clock;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.thread.PlatformThreads;
import org.merlinmq.platform.thread.StoreThreads;

/**
 * What a store gets from outside, so that a simulation can give it all: with one thread and one seed the same store does the
 * same again.
 *
 * @param disk where it is kept
 * @param clock the time of day, in the zone whose hours count for retention
 * @param threads do its own work, and know how much time has passed
 */
public record StoreEnvironment(Disk disk, Clock clock, StoreThreads threads) {
    /**
     * With threads of the machine.
     *
     * @param disk where it is kept
     * @param clock the time of day
     * @return the environment
     */
    public static StoreEnvironment of(Disk disk, Clock clock) {
        return new StoreEnvironment(disk, clock, new PlatformThreads());
    }
}
