package org.merlinmq.cli;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Message;

/**
 * How a line becomes a message.
 *
 * @param topic where it goes
 * @param key takes the keys, or null for none
 * @param tag takes the tag, or null for none
 * @param orderBy takes what orders, or null if order does not matter
 * @param delay how long the message waits at the server; zero for not at all
 */
record LineRules(
        String topic,
        @Nullable LinePattern key,
        @Nullable LinePattern tag,
        @Nullable LinePattern orderBy,
        Duration delay) {

    Message message(byte[] line) {
        Message message = Message.of(topic, line);
        if (key != null || tag != null) {
            String text = LinePattern.text(line);
            List<String> keys = key == null ? List.of() : key.all(text);
            String found = tag == null ? null : tag.first(text);
            message = keys.isEmpty() ? message : message.withKeys(keys);
            message = found == null || found.isEmpty() ? message : message.withTag(found);
        }
        return delay.isZero() ? message : message.withDelay(delay);
    }

    /** What the line is ordered by; lines without a match are ordered among themselves. */
    String orderOf(byte[] line) {
        String found = orderBy == null ? null : orderBy.first(LinePattern.text(line));
        return found == null ? "" : found;
    }
}
