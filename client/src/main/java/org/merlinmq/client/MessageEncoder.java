package org.merlinmq.client;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.UniqueKey;

/**
 * Encodes messages for sending: checks them, gives each an id, writes properties, compresses bodies, joins batches.
 *
 * <p>Threading: any thread.
 *
 * <p>Errors: {@link IllegalArgumentException} for a message that no broker would take, with what was expected.
 */
final class MessageEncoder {
    private static final int MAX_PROPERTIES_BYTES = 32_767;

    /** Bytes of a message in a batch besides its body and properties. */
    private static final int ITEM_BYTES = 22;

    private final ProducerConfig config;
    private final UniqueKey uniqueKeys = new UniqueKey(
            Cluster.localAddress().getAddress(),
            ProcessHandle.current().pid(),
            ThreadLocalRandom.current().nextInt(),
            Clock.system(ZoneId.systemDefault()));

    MessageEncoder(ProducerConfig config) {
        this.config = config;
    }

    EncodedMessage encode(Message message) {
        String id = idOf(message);
        byte[] body = checked(message).body();
        boolean compress = config.compressFromBytes() > 0 && body.length >= config.compressFromBytes();
        String properties = properties(message, id);
        return new EncodedMessage(
                message.topic(),
                id,
                compress ? BodyCompression.compress(body) : body,
                compress ? BodyCompression.ZLIB_FLAG : 0,
                properties,
                false);
    }

    EncodedMessage encodeBatch(List<Message> messages) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one message");
        }
        String topic = messages.get(0).topic();
        List<String> ids = new ArrayList<>();
        ByteWriter body = new ByteWriter(1024);
        for (Message message : messages) {
            if (!message.topic().equals(topic) || delayed(message)) {
                throw new IllegalArgumentException(
                        "a batch holds messages of one topic and without delay; found one of " + message.topic()
                                + " among those of " + topic + (delayed(message) ? ", with a delay" : ""));
            }
            String id = idOf(message);
            ids.add(id);
            appendItem(body, checked(message).body(), properties(message, id).getBytes(StandardCharsets.UTF_8));
        }
        if (body.length() > config.maxBodyBytes()) {
            throw new IllegalArgumentException("a batch of " + messages.size() + " messages has " + body.length()
                    + " bytes and may have " + config.maxBodyBytes() + ": split it");
        }
        return new EncodedMessage(topic, String.join(",", ids), body.toByteArray(), 0, "", true);
    }

    int batchBytes(Message message) {
        return ITEM_BYTES
                + checked(message).body().length
                + properties(message, idOf(message)).getBytes(StandardCharsets.UTF_8).length;
    }

    /** Format: docs/wire, SEND_BATCH_MESSAGE: totalSize, magic 0, crc 0, flag, body, properties. */
    private static void appendItem(ByteWriter out, byte[] body, byte[] properties) {
        out.putInt(ITEM_BYTES + body.length + properties.length)
                .putInt(0)
                .putInt(0)
                .putInt(0)
                .putInt(body.length)
                .put(body)
                .putShort(properties.length)
                .put(properties);
    }

    private static boolean delayed(Message message) {
        return message.property(PropertyName.DELAY) != null
                || message.property(PropertyName.TIMER_DELAY_MS) != null
                || message.property(PropertyName.TIMER_DELIVER_MS) != null;
    }

    private String idOf(Message message) {
        String given = message.property(PropertyName.UNIQ_KEY);
        return given == null ? uniqueKeys.next() : given;
    }

    private static String properties(Message message, String id) {
        String text = MessageProperties.write(message.with(PropertyName.UNIQ_KEY, id)
                .with(PropertyName.WAIT, "true")
                .properties());
        // A character has at most three bytes, so that few messages need counting.
        if (text.length() > MAX_PROPERTIES_BYTES / 3) {
            int bytes = text.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAX_PROPERTIES_BYTES) {
                throw new IllegalArgumentException("the properties of a message to " + message.topic() + " have "
                        + bytes + " bytes and may have " + MAX_PROPERTIES_BYTES);
            }
        }
        return text;
    }

    private Message checked(Message message) {
        int bytes = message.body().length;
        if (bytes == 0 || bytes > config.maxBodyBytes()) {
            throw new IllegalArgumentException("the body of a message to " + message.topic() + " has " + bytes
                    + " bytes; expected 1 to " + config.maxBodyBytes());
        }
        return message;
    }
}
