package org.merlinmq.broker.state;

import org.merlinmq.storage.state.StateChange;

/**
 * Where the tables of this broker write what must outlive it: the commit log.
 *
 * <p>A table decides, appends and applies, in that order and under its own lock. At the start it takes back what it wrote,
 * entry by entry, through its {@code apply}.
 *
 * <p>Threading: any thread, event loops too: an append waits for writes in flight, never for a sync.
 */
@FunctionalInterface
public interface Journal {
    /** How large a change should be at most when what is to be written can be split into several. */
    int MAX_BYTES = 1 << 20;

    /**
     * Writes one change, all of it or nothing: in the page cache when this returns, durable with the messages behind it.
     *
     * @param change the change; not to be changed any more
     * @return the log offset behind its record
     * @throws org.merlinmq.platform.disk.DiskException if the disk does not take it; nothing is changed then
     */
    long append(StateChange change);

    /** How large a change should be at most, in bytes. */
    default int maxBytes() {
        return MAX_BYTES;
    }
}
