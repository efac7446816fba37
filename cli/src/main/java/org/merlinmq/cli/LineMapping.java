package org.merlinmq.cli;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.client.Message;

/**
 * Maps a line to a message.
 *
 * @param topic its topic
 * @param key finds the keys; null for none
 * @param tag finds the tag; null for none
 * @param orderBy finds the order key; null if order does not matter
 * @param delay the delay of its delivery; zero for none
 */
record LineMapping(
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
