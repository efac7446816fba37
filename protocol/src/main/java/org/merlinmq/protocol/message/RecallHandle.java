package org.merlinmq.protocol.message;

import java.util.Base64;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.FieldException;

/**
 * What takes a delayed message back: the answer to its send has it, and request 370 brings it again.
 *
 * <pre>
 *  v1 TOPIC BROKER DUE UNIQ_KEY      five words with single blanks between them, in Base64 for URLs
 * </pre>
 *
 * <p>DUE is one millisecond later than the message's {@code TIMER_OUT_MS}, as in RocketMQ.
 *
 * <p>Source: protocol sheet "Timer".
 *
 * @param topic the message's own topic
 * @param brokerName the broker group that has it
 * @param dueMillis when it is due, in milliseconds since 1970
 * @param uniqueKey its unique key
 */
public record RecallHandle(String topic, String brokerName, long dueMillis, String uniqueKey) {
    /** No handle is longer: the longest names, a time and a long key. */
    public static final int MAX_CHARS = 2048;

    private static final String VERSION = "v1";
    private static final int WORDS = 5;
    private static final byte[] ALPHABET =
            Bytes.ascii("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /**
     * Appends the words of a handle, to be encoded by {@link #encode}. Makes no objects.
     *
     * @param out takes them
     * @param topic holds the topic
     * @param topicAt its first byte
     * @param topicBytes its size
     * @param brokerName the broker group
     * @param dueMillis when the message is due
     * @param key holds the unique key
     * @param keyAt its first byte
     * @param keyBytes its size
     */
    public static void words(
            ByteWriter out,
            byte[] topic,
            int topicAt,
            int topicBytes,
            byte[] brokerName,
            long dueMillis,
            byte[] key,
            int keyAt,
            int keyBytes) {
        out.putAscii(VERSION).putByte(' ');
        out.put(topic, topicAt, topicBytes).putByte(' ');
        out.put(brokerName).putByte(' ');
        out.putDecimal(dueMillis + 1).putByte(' ');
        out.put(key, keyAt, keyBytes);
    }

    /**
     * Encodes the words of a handle. Makes no objects.
     *
     * @param words all that was written by {@link #words}
     * @param out takes the handle
     */
    public static void encode(ByteWriter words, ByteWriter out) {
        byte[] b = words.array();
        int end = words.length();
        for (int i = 0; i < end; i += 3) {
            int left = Math.min(3, end - i);
            int bits =
                    ((b[i] & 0xFF) << 16) | (left > 1 ? (b[i + 1] & 0xFF) << 8 : 0) | (left > 2 ? b[i + 2] & 0xFF : 0);
            out.putByte(ALPHABET[bits >>> 18]).putByte(ALPHABET[(bits >>> 12) & 63]);
            out.putByte(left > 1 ? ALPHABET[(bits >>> 6) & 63] : '=');
            out.putByte(left > 2 ? ALPHABET[bits & 63] : '=');
        }
    }

    /**
     * Reads a handle.
     *
     * @param handle its text
     * @return what it says
     * @throws FieldException if it is none
     */
    public static RecallHandle read(String handle) {
        if (handle.length() > MAX_CHARS) {
            throw FieldException.wrong("recallHandle", "at most " + MAX_CHARS + " characters", handle);
        }
        byte[] words;
        try {
            words = Base64.getUrlDecoder().decode(handle);
        } catch (IllegalArgumentException e) {
            throw FieldException.wrong("recallHandle", "Base64 for URLs", handle);
        }
        String text = Bytes.text(words, 0, words.length);
        String[] word = text.split(" ", -1);
        if (word.length != WORDS || !word[0].equals(VERSION) || !word[3].matches("[0-9]{1,18}")) {
            throw FieldException.wrong("recallHandle", "the words v1, topic, broker, time and unique key", text);
        }
        return new RecallHandle(word[1], word[2], Long.parseLong(word[3]) - 1, word[4]);
    }

    /** The handle as a text. */
    @Override
    public String toString() {
        byte[] name = Bytes.utf8(topic);
        byte[] key = Bytes.utf8(uniqueKey);
        ByteWriter words = new ByteWriter(128);
        words(words, name, 0, name.length, Bytes.utf8(brokerName), dueMillis, key, 0, key.length);
        ByteWriter out = new ByteWriter(192);
        encode(words, out);
        return Bytes.text(out.array(), 0, out.length());
    }
}
