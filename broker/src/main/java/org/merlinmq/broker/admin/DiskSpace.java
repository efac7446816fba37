package org.merlinmq.broker.admin;

/**
 * How full the disk of the commit log is.
 *
 * <p>Threading: any thread that may wait for the disk.
 */
public interface DiskSpace {
    /**
     * The folder of the commit log.
     *
     * @return its path
     */
    String path();

    /**
     * The size of its disk.
     *
     * @return bytes
     */
    long totalBytes();

    /**
     * What is free for us.
     *
     * @return bytes
     */
    long usableBytes();
}
