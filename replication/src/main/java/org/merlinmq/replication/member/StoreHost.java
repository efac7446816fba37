package org.merlinmq.replication.member;

import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.StoreEnvironment;

/**
 * Has the store of a member open. When the member's log parts from its leader's, the store is closed, changed on the disk, and
 * opened again: everything that uses it meanwhile is the host's to stop and to start.
 *
 * <p>Threading: called by the member's thread; the calls may block.
 */
public interface StoreHost {
    /** How the store is kept. */
    StorageConfig config();

    /**
     * Where, when and by which threads; asked anew for each opening.
     *
     * @return the environment of the store that is open, or is being changed
     */
    StoreEnvironment environment();

    /** The store that is open now. */
    Storage storage();

    /**
     * Closes the store, runs a change of its files, and opens it again, also where the change fails.
     *
     * <p>Called while the member does not lead: the store that is opened takes no appends either.
     *
     * @param change of the closed store
     * @throws org.merlinmq.platform.disk.DiskException of the change, or if the store cannot be opened again: then it stays closed,
     *     and the member calls again, with a change that does nothing
     */
    void reopen(Runnable change);
}
