package org.merlinmq.replication.member;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.merlinmq.replication.stream.Message.Bits256;

/**
 * What all members of a group know, and strangers do not: each end of a connection proves to the other that it knows it, without
 * sending it. What is sent afterwards is neither hidden nor signed: that needs TLS, or a network of one's own.
 *
 * <p>Threading: one thread at a time.
 */
public final class SharedSecret {
    /** Shorter ones can be found by trying, from what is seen on the network. */
    public static final int MIN_CHARACTERS = 16;

    private static final String ALGORITHM = "HmacSHA256";
    private static final String PURPOSE = "MerlinMQ replication 1";

    private final SecretKeySpec key;
    private final RandomGenerator random;

    /**
     * A secret.
     *
     * @param text at least {@link #MIN_CHARACTERS}
     * @param random that nobody can guess
     * @throws IllegalArgumentException if it is too short
     */
    public SharedSecret(String text, RandomGenerator random) {
        if (text.length() < MIN_CHARACTERS) {
            throw new IllegalArgumentException(
                    "expected a shared secret of at least " + MIN_CHARACTERS + " characters, found " + text.length());
        }
        this.key = new SecretKeySpec(text.getBytes(StandardCharsets.UTF_8), ALGORITHM);
        this.random = random;
    }

    /** What the other end has to answer with its proof; never {@link Bits256#NONE}. */
    Bits256 challenge() {
        Bits256 made = Bits256.NONE;
        while (made.equals(Bits256.NONE)) {
            made = new Bits256(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        }
        return made;
    }

    /**
     * The proof of one end of a connection: that it knows the secret, and both challenges.
     *
     * @param ofOpener whose: the two differ, so that nobody can send one back
     * @param openers the challenge of the end that has opened the connection
     * @param others that of the other end
     */
    Bits256 proof(boolean ofOpener, Bits256 openers, Bits256 others) {
        ByteBuffer challenges = ByteBuffer.allocate(2 * Bits256.BYTES);
        openers.put(challenges);
        others.put(challenges);
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update((PURPOSE + (ofOpener ? " opener" : " acceptor")).getBytes(StandardCharsets.US_ASCII));
            return Bits256.read(ByteBuffer.wrap(mac.doFinal(challenges.array())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
