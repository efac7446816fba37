package org.merlinmq.broker.admin;

/**
 * How full the disk of the commit log is.
 *
 * <p>Threading: any thread that may wait for the disk.
 */
public interface DiskSpace {
    /** The folder of the commit log. */
    String path();

    /** The size of its disk, in bytes. */
    long totalBytes();

    /** What is free for us, in bytes. */
    long usableBytes();
}
