package org.merlinmq.storage.facts;

/** Takes the keys of messages, of one key the newest message first. */
@FunctionalInterface
public interface KeyVisitor {
    /**
     * One key of one message; some come twice.
     *
     * @param hash of topic and key, see {@link KeyHash}
     * @param logOffset where the message's record begins
     */
    void visit(long hash, long logOffset);
}
