package org.merlinmq.platform.disk;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * One open file, read and written at positions; it has no cursor.
 *
 * <p>Threading: any thread; calls on disjoint ranges run side by side. An interrupt of the calling thread does not close
 * the file and is kept for the caller.
 *
 * <p>Errors: every failure is a {@link DiskException} that names path and position.
 */
public interface DiskFile extends AutoCloseable {
    /**
     * The name it was opened by.
     *
     * @return the path
     */
    Path path();

    /**
     * The present size.
     *
     * @return bytes
     */
    long size();

    /**
     * Writes all the bytes or throws; after a throw the range may hold any mix of old and new.
     *
     * @param position where in the file
     * @param bytes from here
     * @param at first of them
     * @param count how many
     */
    void write(long position, byte[] bytes, int at, int count);

    /**
     * Reads what is there.
     *
     * @param position where in the file
     * @param bytes to here
     * @param at where the first goes
     * @param count how many at most
     * @return how many were read: fewer than {@code count} only at the end of the file, 0 beyond it
     */
    int read(long position, byte[] bytes, int at, int count);

    /**
     * Reads what is there into a buffer, up to its limit; its position moves behind what was read. A direct buffer takes the
     * bytes from the system without a copy in between.
     *
     * @param position where in the file
     * @param to to here
     * @return how many were read: fewer than fit only at the end of the file, 0 beyond it
     */
    int read(long position, ByteBuffer to);

    /**
     * Makes all written bytes and the file's size durable (fdatasync). After a failure nothing is known of what is
     * durable: do not try again, see {@link DiskException}.
     */
    void force();

    /**
     * Grows the file to a size with all its space reserved, so that a later write into it cannot meet a full disk. The
     * new bytes read as zero. What is in the file stays, and a file that is larger stays as large.
     *
     * @param bytes the size
     */
    void allocate(long bytes);

    /**
     * Where the part ends that may hold anything but zeros, to pass quickly over space that was reserved and never
     * written. To be asked before anything is read: what is read once counts as held by some file systems.
     *
     * @return all from this position on is zero; {@link #size()} if the system cannot tell
     */
    long dataEnd();

    /**
     * Cuts the file. Never call this on a file that is mapped: a reader beyond the cut would kill the process.
     *
     * @param bytes the new size
     */
    void truncate(long bytes);

    /**
     * Maps a range for reading. What is written to the file is seen in the mapping at once. The mapping outlives the
     * closing and deletion of the file.
     *
     * @param position first byte
     * @param bytes how many; the range must lie inside the file
     * @return the mapping, to be closed by the caller
     */
    Mapping map(long position, long bytes);

    /** Closes the file. Closing twice does nothing. */
    @Override
    void close();
}
