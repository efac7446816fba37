package org.merlinmq.platform.disk;

import java.lang.foreign.MemorySegment;

/**
 * A range of a file as memory, for reading.
 *
 * <p>Threading: any thread reads. Whoever closes it must know that no one reads any more; a late reader meets an {@link
 * IllegalStateException}, never a crash.
 */
public interface Mapping extends AutoCloseable {
    /**
     * The bytes.
     *
     * @return a read-only segment, valid until {@link #close}
     */
    MemorySegment bytes();

    /**
     * Gives the memory back that the mapping holds; what is read again comes from the file again. A system counts all pages of
     * a file that a process has read through a mapping as the process's memory, until it gives them back. Readers may be
     * inside. Where the system cannot do this, nothing happens.
     */
    void giveBack();

    /** Unmaps. Closing twice does nothing. */
    @Override
    void close();
}
