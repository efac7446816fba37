package org.merlinmq.storage.index;

import java.util.ArrayList;
import java.util.List;

/**
 * Which messages have a key: from the 64-bit hash of {@code topic#key} to log offsets.
 *
 * <p>Different keys may share a hash: whoever queries compares the record's own keys.
 *
 * <p>Threading: {@code add} under the append lock, {@code query} on any thread.
 */
public final class KeyIndex {

    /** Takes what a query finds. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One message that may have the key.
         *
         * @param logOffset where its record begins
         * @return whether to go on to older ones
         */
        boolean visit(long logOffset);
    }

    private final List<long[]> entries = new ArrayList<>();

    /** An empty index in memory. */
    public KeyIndex() {}

    /**
     * Adds a key of a message. Messages come in log order.
     *
     * @param hash of topic and key
     * @param logOffset where the record begins
     */
    public synchronized void add(long hash, long logOffset) {
        entries.add(new long[] {hash, logOffset});
    }

    /**
     * Finds messages by a key's hash, the newest first.
     *
     * @param hash of topic and key
     * @param fromLogOffset none below this
     * @param toLogOffset none at or above this
     * @param visitor called until it has enough
     */
    public synchronized void query(long hash, long fromLogOffset, long toLogOffset, Visitor visitor) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            long[] entry = entries.get(i);
            if (entry[0] == hash && entry[1] >= fromLogOffset && entry[1] < toLogOffset && !visitor.visit(entry[1])) {
                return;
            }
        }
    }
}
