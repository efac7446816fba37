package org.merlinmq.storage.log;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a log is kept.
 *
 * @param folder the folder of its segments
 * @param segmentBytes the size of each
 * @param maxRecordBytes the largest record
 * @param flushInterval written bytes are made durable this long after, when nobody waits for it
 * @param syncFlushTimeout who waits for the disk waits no longer
 */
public record LogSettings(
        Path folder, long segmentBytes, int maxRecordBytes, Duration flushInterval, Duration syncFlushTimeout) {}
