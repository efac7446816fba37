package org.merlinmq.storage.log;

/** Told what became of an append. */
@FunctionalInterface
public interface AppendListener {
    /**
     * The batch has its status and belongs to its maker again.
     *
     * <p>Threading: called once for each append: mostly by the appending thread before {@code append} returns, else by
     * another appending thread, {@code log-flush} or {@code store-tail}. Must not throw and must not block.
     *
     * @param batch the batch
     */
    void appended(AppendBatch batch);
}
