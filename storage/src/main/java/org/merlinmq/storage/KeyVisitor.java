package org.merlinmq.storage;

/** Takes the keys of messages, of one key the newest message first. */
@FunctionalInterface
public interface KeyVisitor {
    /**
     * One key of one message; some come twice.
     *
     * @param hash of topic and key, see {@link org.merlinmq.storage.facts.KeyHash}
     * @param logOffset where the message's record begins
     * @return whether to go on
     */
    boolean visit(long hash, long logOffset);
}
