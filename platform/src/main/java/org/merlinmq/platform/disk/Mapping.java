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

    /** Unmaps. Closing twice does nothing. */
    @Override
    void close();
}
