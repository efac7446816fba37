package org.merlinmq.client;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.message.PropertyName;

/**
 * A message to be sent. Immutable: each {@code with} method gives a changed copy that shares the body.
 *
 * <p>Threading: any thread, as long as nothing writes into the body.
 */
public final class Message {
    private final String topic;
    private final byte[] body;
    private final Map<String, String> properties;

    private Message(String topic, byte[] body, Map<String, String> properties) {
        this.topic = topic;
        this.body = body;
        this.properties = properties;
    }

    /**
     * A message of bytes.
     *
     * @param topic where it goes
     * @param body its body; not copied
     * @return the message
     */
    public static Message of(String topic, byte[] body) {
        return new Message(topic, body, Map.of());
    }

    /**
     * A message of text, in UTF-8.
     *
     * @param topic where it goes
     * @param body its body
     * @return the message
     */
    public static Message of(String topic, String body) {
        return of(topic, body.getBytes(StandardCharsets.UTF_8));
    }

    /** With the one tag that consumers filter by. */
    public Message withTag(String tag) {
        return with(PropertyName.TAGS, tag);
    }

    /**
     * With keys by which the message can be found again.
     *
     * @param keys words without spaces in them
     * @return the changed copy
     */
    public Message withKeys(Collection<String> keys) {
        return with(PropertyName.KEYS, String.join(" ", keys));
    }

    /**
     * With keys by which the message can be found again.
     *
     * @param keys words without spaces in them
     * @return the changed copy
     */
    public Message withKeys(String... keys) {
        return withKeys(java.util.List.of(keys));
    }

    /**
     * With a property of the application.
     *
     * @param name its name; an empty name or value is not stored
     * @param value its value
     * @return the changed copy
     * @throws IllegalArgumentException if name or value hold a character 1 or 2, which no property can carry
     */
    public Message withProperty(String name, String value) {
        return with(name, value);
    }

    /**
     * Delivered later, after one of the broker's fixed delays: 1 to 18 are 1s 5s 10s 30s 1m 2m … 10m 20m 30m 1h 2h unless
     * the broker is configured otherwise.
     *
     * @param level the delay's number
     * @return the changed copy
     */
    public Message withDelayLevel(int level) {
        return with(PropertyName.DELAY, Integer.toString(level));
    }

    /**
     * Delivered later, after any delay. Brokers before 5.0 ignore it.
     *
     * @param delay from the moment the broker stores it
     * @return the changed copy
     */
    public Message withDelay(Duration delay) {
        return with(PropertyName.TIMER_DELAY_MS, Long.toString(delay.toMillis()));
    }

    /** Delivered at a given time. Brokers before 5.0 ignore it. */
    public Message withDeliveryAt(Instant when) {
        return with(PropertyName.TIMER_DELIVER_MS, Long.toString(when.toEpochMilli()));
    }

    Message with(String name, String value) {
        checked(name);
        checked(value);
        Map<String, String> more = new LinkedHashMap<>(properties);
        more.put(name, value);
        return new Message(topic, body, more);
    }

    private static void checked(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == 1 || text.charAt(i) == 2) {
                throw new IllegalArgumentException(
                        "a property must not hold the characters 1 and 2, found one at position " + i);
            }
        }
    }

    /** Where the message goes. */
    public String topic() {
        return topic;
    }

    /** The body itself, not a copy. */
    public byte[] body() {
        return body;
    }

    /** All properties, tag, keys and delay among them; unmodifiable. */
    public Map<String, String> properties() {
        return java.util.Collections.unmodifiableMap(properties);
    }

    @Nullable String property(String name) {
        return properties.get(name);
    }
}
