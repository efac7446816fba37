package org.merlinmq.storage.log;

/**
 * Is woken when the log has grown, as {@link CommitLog#wakeAt} was asked.
 *
 * <p>Threading: called by an appending thread with no lock held; must return at once.
 */
@FunctionalInterface
public interface LogWaiter {
    /** The log has grown that far. Also called for a growth that the caller has seen already: it looks again. */
    void wake();
}
