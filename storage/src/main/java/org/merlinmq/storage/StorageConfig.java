package org.merlinmq.storage;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How messages are kept.
 *
 * @param folder the store's folder; nothing outside it and the next one is written
 * @param commitLogFolder the folder of the log's segments
 * @param segmentBytes the size of each segment; a log that is there keeps its own
 * @param maxRecordBytes the largest record, headers and all
 * @param flush when a message counts as stored
 * @param flushInterval how long after writing bytes are made durable when nobody waits for it
 * @param syncFlushTimeout who waits for the disk waits no longer
 * @param retention segments whose newest message is older are deleted
 * @param deleteHours the hours of the day, 0 to 23, in which old segments are deleted
 * @param diskMaxUsed above this share of the disk in use, old segments are deleted at any hour
 * @param diskForce above this share the oldest segments are deleted, however young
 * @param diskRefuse above this share nothing more is stored
 * @param keyIndex whether messages are found by their keys
 * @param checkpointBytes a checkpoint is made when the log has grown by this
 * @param checkpointEntries a checkpoint is made when the queues hold so many entries in memory
 * @param checkpointInterval a checkpoint is made this long after the first append that none covers
 * @param setAside how much is kept of stores that were emptied
 */
public record StorageConfig(
        Path folder,
        Path commitLogFolder,
        long segmentBytes,
        int maxRecordBytes,
        FlushMode flush,
        Duration flushInterval,
        Duration syncFlushTimeout,
        Duration retention,
        List<Integer> deleteHours,
        double diskMaxUsed,
        double diskForce,
        double diskRefuse,
        boolean keyIndex,
        long checkpointBytes,
        long checkpointEntries,
        Duration checkpointInterval,
        SetAsideLimits setAside) {
    /**
     * Checks each setting.
     *
     * @throws IllegalArgumentException naming the setting, what was expected and what was found
     */
    public StorageConfig {
        check(segmentBytes >= 4096, "segmentBytes", "at least 4096", segmentBytes);
        check(
                maxRecordBytes > 0 && maxRecordBytes + 8L <= segmentBytes,
                "maxRecordBytes",
                "from 1 to segmentBytes - 8",
                maxRecordBytes);
        positive(flushInterval, "flushInterval");
        positive(syncFlushTimeout, "syncFlushTimeout");
        positive(retention, "retention");
        positive(checkpointInterval, "checkpointInterval");
        deleteHours = List.copyOf(deleteHours);
        for (int hour : deleteHours) {
            check(hour >= 0 && hour < 24, "deleteHours", "hours from 0 to 23", hour);
        }
        share(diskMaxUsed, "diskMaxUsed");
        share(diskForce, "diskForce");
        share(diskRefuse, "diskRefuse");
        check(checkpointBytes > 0, "checkpointBytes", "more than 0", checkpointBytes);
        check(checkpointEntries > 0, "checkpointEntries", "more than 0", checkpointEntries);
    }

    private static void check(boolean holds, String name, String expected, Object found) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": expected " + expected + ", found " + found);
        }
    }

    private static void positive(Duration value, String name) {
        check(value.isPositive(), name, "more than 0", value);
    }

    private static void share(double value, String name) {
        check(value > 0 && value <= 1, name, "a share above 0, up to 1", value);
    }

    /**
     * The settings that hold where nothing is configured.
     *
     * @param folder the store's folder
     * @return RocketMQ's defaults, where it has them
     */
    public static StorageConfig defaults(Path folder) {
        return new StorageConfig(
                folder,
                folder.resolve("commitlog"),
                1L << 30,
                8 << 20,
                FlushMode.ASYNC,
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                Duration.ofDays(3),
                List.of(4),
                0.75,
                0.85,
                0.90,
                true,
                256L << 20,
                4 << 20,
                Duration.ofSeconds(5),
                SetAsideLimits.DEFAULT);
    }

    /**
     * The same with segments of another size, and no record larger than fits.
     *
     * @param bytes the size
     * @return the new settings
     */
    public StorageConfig withSegmentBytes(long bytes) {
        int record = (int) Math.min(maxRecordBytes, bytes - 8);
        return new StorageConfig(
                folder,
                commitLogFolder,
                bytes,
                record,
                flush,
                flushInterval,
                syncFlushTimeout,
                retention,
                deleteHours,
                diskMaxUsed,
                diskForce,
                diskRefuse,
                keyIndex,
                checkpointBytes,
                checkpointEntries,
                checkpointInterval,
                setAside);
    }

    /**
     * The same with another flush mode.
     *
     * @param mode the mode
     * @return the new settings
     */
    public StorageConfig withFlush(FlushMode mode) {
        return new StorageConfig(
                folder,
                commitLogFolder,
                segmentBytes,
                maxRecordBytes,
                mode,
                flushInterval,
                syncFlushTimeout,
                retention,
                deleteHours,
                diskMaxUsed,
                diskForce,
                diskRefuse,
                keyIndex,
                checkpointBytes,
                checkpointEntries,
                checkpointInterval,
                setAside);
    }

    /**
     * The same with another flush interval.
     *
     * @param interval how long after writing bytes are made durable when nobody waits for it
     * @return the new settings
     */
    public StorageConfig withFlushInterval(Duration interval) {
        return new StorageConfig(
                folder,
                commitLogFolder,
                segmentBytes,
                maxRecordBytes,
                flush,
                interval,
                syncFlushTimeout,
                retention,
                deleteHours,
                diskMaxUsed,
                diskForce,
                diskRefuse,
                keyIndex,
                checkpointBytes,
                checkpointEntries,
                checkpointInterval,
                setAside);
    }

    /**
     * The same with other limits of the disk; each is a share of it, 1 is never.
     *
     * @param maxUsed see {@link #diskMaxUsed}
     * @param force see {@link #diskForce}
     * @param refuse see {@link #diskRefuse}
     * @return the new settings
     */
    public StorageConfig withDiskLimits(double maxUsed, double force, double refuse) {
        return new StorageConfig(
                folder,
                commitLogFolder,
                segmentBytes,
                maxRecordBytes,
                flush,
                flushInterval,
                syncFlushTimeout,
                retention,
                deleteHours,
                maxUsed,
                force,
                refuse,
                keyIndex,
                checkpointBytes,
                checkpointEntries,
                checkpointInterval,
                setAside);
    }

    /**
     * The same with checkpoints at another pace.
     *
     * @param bytes the log's growth between two
     * @param interval the time between two
     * @return the new settings
     */
    public StorageConfig withCheckpoints(long bytes, Duration interval) {
        return new StorageConfig(
                folder,
                commitLogFolder,
                segmentBytes,
                maxRecordBytes,
                flush,
                flushInterval,
                syncFlushTimeout,
                retention,
                deleteHours,
                diskMaxUsed,
                diskForce,
                diskRefuse,
                keyIndex,
                bytes,
                checkpointEntries,
                interval,
                setAside);
    }

    /**
     * The same with other limits for what is kept of stores that were emptied.
     *
     * @param limits the limits
     * @return the new settings
     */
    public StorageConfig withSetAside(SetAsideLimits limits) {
        return new StorageConfig(
                folder,
                commitLogFolder,
                segmentBytes,
                maxRecordBytes,
                flush,
                flushInterval,
                syncFlushTimeout,
                retention,
                deleteHours,
                diskMaxUsed,
                diskForce,
                diskRefuse,
                keyIndex,
                checkpointBytes,
                checkpointEntries,
                checkpointInterval,
                limits);
    }
}
