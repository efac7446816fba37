package org.merlinmq.client;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.merlinmq.protocol.body.SubscriptionEntry;

/**
 * A filter by tags.
 *
 * @param expression as the protocol writes it
 * @param tags the tags; empty for all messages
 */
record TagFilter(String expression, Set<String> tags) {
    private static final String ALL = "*";

    static TagFilter of(String expression) {
        Set<String> tags = new LinkedHashSet<>();
        if (!expression.isBlank() && !expression.trim().equals(ALL)) {
            for (String tag : expression.split("\\|\\|", -1)) {
                if (!tag.isBlank()) {
                    tags.add(tag.trim());
                }
            }
            if (tags.isEmpty()) {
                throw new IllegalArgumentException(
                        "expected * or tags with || between them, found \"" + expression + "\"");
            }
        }
        return new TagFilter(tags.isEmpty() ? ALL : String.join(" || ", tags), tags);
    }

    /** The broker compares hashes only, so some that match there do not here. */
    List<ReceivedMessage> matching(List<ReceivedMessage> messages) {
        if (tags.isEmpty()) {
            return messages;
        }
        List<ReceivedMessage> matching = new ArrayList<>(messages.size());
        for (ReceivedMessage message : messages) {
            String tag = message.tag();
            if (tag != null && tags.contains(tag)) {
                matching.add(message);
            }
        }
        return matching;
    }

    SubscriptionEntry entry(String topic, long version) {
        return new SubscriptionEntry(
                false,
                tags.stream().map(String::hashCode).toList(),
                "TAG",
                expression,
                version,
                List.copyOf(tags),
                topic);
    }
}
