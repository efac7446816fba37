package org.merlinmq.storage.state;

import org.jspecify.annotations.Nullable;

/** Takes entries of the state, one after another. */
@FunctionalInterface
public interface StateVisitor {
    /**
     * One entry.
     *
     * @param type whose key it is, 0 to {@link StateChange#MAX_TYPE}
     * @param key names the entry within its type; the receiver's own bytes
     * @param value what is so now, the receiver's own bytes; null if the entry was removed
     */
    void entry(int type, byte[] key, byte @Nullable [] value);
}
