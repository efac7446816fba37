package org.merlinmq.verification.clients;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;

/** Bodies to send, and their hashes. */
final class Bodies {
    private Bodies() {}

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Bytes that no compression makes smaller. */
    static byte[] random(Random random, int bytes) {
        byte[] body = new byte[bytes];
        random.nextBytes(body);
        return body;
    }

    /** Text that compresses well. */
    static byte[] prose(Random random, int bytes) {
        StringBuilder text = new StringBuilder(bytes + 16);
        while (text.length() < bytes) {
            text.append("queue ").append(random.nextInt(100)).append(" holds messages; ");
        }
        return text(text.substring(0, bytes));
    }

    static String hash(byte[] body) {
        try {
            return body.length
                    + ":"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(body), 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
