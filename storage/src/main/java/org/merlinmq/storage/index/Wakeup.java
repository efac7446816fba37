package org.merlinmq.storage.index;

import org.jspecify.annotations.Nullable;

/**
 * Someone who waits for an append, as a link in the chain of all that it wakes.
 *
 * <p>Threading: owned by the appending thread once it is in a chain.
 */
public abstract class Wakeup {
    /** Who is woken after this one. */
    protected @Nullable Wakeup next;

    /** Wakes nobody else. */
    protected Wakeup() {}

    /** Wakes the one who waits. Called once for each chain it is in, with no lock held. */
    protected abstract void wake();

    /**
     * Wakes all of a chain. To be called when the append lock was released.
     *
     * @param chain what {@link LogIndex#takeWaiters} built; null for nobody
     */
    public static void wakeAll(@Nullable Wakeup chain) {
        Wakeup each = chain;
        while (each != null) {
            // Read first: one that waits on may be in another chain when it returns.
            Wakeup behind = each.next;
            each.wake();
            each = behind;
        }
    }
}
