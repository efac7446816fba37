package org.merlinmq.storage.facts;

import org.merlinmq.protocol.bytes.Bytes;

/**
 * The hash under which a message is found by one of its keys. The same key in two topics has two hashes.
 *
 * <p>The topic's part can be taken once and kept with the topic.
 */
public final class KeyHash {
    private static final long ODD = 0x9E3779B97F4A7C15L;

    private KeyHash() {}

    /**
     * The topic's part.
     *
     * @param b holds the topic's name
     * @param at where it begins
     * @param length its bytes
     * @return for {@link #of}
     */
    public static long topic(byte[] b, int at, int length) {
        return Bytes.hash64(b, at, length) * ODD;
    }

    /**
     * The hash of a key.
     *
     * @param topicHash of {@link #topic}
     * @param b holds the key
     * @param at where it begins
     * @param length its bytes
     * @return the hash
     */
    public static long of(long topicHash, byte[] b, int at, int length) {
        long mixed = topicHash ^ Bytes.hash64(b, at, length);
        mixed = (mixed ^ (mixed >>> 32)) * ODD;
        return mixed ^ (mixed >>> 29);
    }
}
