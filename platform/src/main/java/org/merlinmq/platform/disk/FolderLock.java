package org.merlinmq.platform.disk;

/** A held lock of a store folder; see {@link Disk#lock}. */
public interface FolderLock extends AutoCloseable {
    /** Gives the lock back. Closing twice does nothing. */
    @Override
    void close();
}
