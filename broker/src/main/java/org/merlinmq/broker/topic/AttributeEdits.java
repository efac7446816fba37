package org.merlinmq.broker.topic;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dedup.DedupRules;
import org.merlinmq.broker.limit.LimitRules;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * The named attributes of a topic and how a request edits them: {@code +name=value} sets, {@code -name} removes.
 *
 * <p>Threading: no state; any thread.
 *
 * <p>Source: protocol sheet "Topic configuration".
 */
record AttributeEdits(List<Edit> edits) {
    static final String MESSAGE_TYPE = "message.type";
    private static final String MIXED = "MIXED";

    /** What values an attribute takes, and whether it may change once the topic exists. */
    private record AttributeType(Set<String> words, long min, long max, boolean changeable) {
        static AttributeType words(boolean changeable, String... words) {
            return new AttributeType(Set.of(words), 0, 0, changeable);
        }

        static AttributeType number(long min, long max) {
            return new AttributeType(Set.of(), min, max, true);
        }

        boolean takes(String value) {
            if (!words.isEmpty()) {
                return words.contains(value);
            }
            try {
                long number = Long.parseLong(value);
                return number >= min && number <= max;
            } catch (NumberFormatException e) {
                return false;
            }
        }

        String allowed() {
            return words.isEmpty()
                    ? "a number from " + min + " to " + max
                    : "one of " + words.stream().sorted().toList();
        }
    }

    private static final AttributeType RATE = AttributeType.number(0, LimitRules.MAX_RATE);
    private static final AttributeType BURST = AttributeType.number(0, LimitRules.MAX_BURST_MILLIS);

    private static final Map<String, AttributeType> TYPES = Map.ofEntries(
            Map.entry(
                    MESSAGE_TYPE,
                    AttributeType.words(
                            true, "UNSPECIFIED", "NORMAL", "FIFO", "DELAY", "TRANSACTION", "PRIORITY", "LITE", MIXED)),
            Map.entry("queue.type", AttributeType.words(false, "BatchCQ", "SimpleCQ")),
            Map.entry("cleanup.policy", AttributeType.words(false, "DELETE", "COMPACTION")),
            Map.entry("reserve.time", AttributeType.number(-1, Long.MAX_VALUE)),
            Map.entry("lite.topic.expiration", AttributeType.number(-1, 43_200)),
            Map.entry(CopyRules.COPIES, AttributeType.number(0, CopyRules.MAX_COPIES)),
            Map.entry(DedupRules.WINDOW, AttributeType.number(0, DedupRules.MAX_WINDOW_MILLIS)),
            Map.entry(LimitRules.SEND + "messages", RATE),
            Map.entry(LimitRules.SEND + "bytes", RATE),
            Map.entry(LimitRules.SEND + "burst", BURST),
            Map.entry(LimitRules.DELIVER + "messages", RATE),
            Map.entry(LimitRules.DELIVER + "bytes", RATE),
            Map.entry(LimitRules.DELIVER + "burst", BURST));

    /** One edit: a value to set, or null to remove the attribute. */
    record Edit(String name, @Nullable String value) {}

    /** Reads the text of a request: {@code +a=b,-c}. */
    static AttributeEdits parse(String text) {
        List<Edit> edits = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            String word = item.trim();
            if (word.isEmpty()) {
                continue;
            }
            int equals = word.indexOf('=');
            if (word.startsWith("+") && equals > 1) {
                edits.add(new Edit(
                        word.substring(1, equals).trim(),
                        word.substring(equals + 1).trim()));
            } else if (word.startsWith("-") && equals < 0 && word.length() > 1) {
                edits.add(new Edit(word.substring(1).trim(), null));
            } else {
                throw new IllegalArgumentException("attribute \"" + word + "\" is neither +name=value nor -name");
            }
        }
        return new AttributeEdits(edits);
    }

    /** Reads the attributes of a topic in a list of topics: names with + or without set, names with - remove. */
    static AttributeEdits parse(Map<String, String> attributes) {
        List<Edit> edits = new ArrayList<>();
        attributes.forEach((name, value) -> {
            if (name.startsWith("-")) {
                edits.add(new Edit(name.substring(1), null));
            } else {
                edits.add(new Edit(name.startsWith("+") ? name.substring(1) : name, value));
            }
        });
        return new AttributeEdits(edits);
    }

    /** Why these edits may not be made, or null. {@code creating}: the topic does not exist yet. */
    @Nullable Refusal check(Map<String, String> current, boolean creating, boolean mixed) {
        Map<String, Edit> seen = new LinkedHashMap<>();
        for (Edit edit : edits) {
            AttributeType type = TYPES.get(edit.name());
            if (type == null) {
                return wrong("The attribute " + edit.name() + " is unknown; known are "
                        + TYPES.keySet().stream().sorted().toList() + ".");
            }
            if (seen.put(edit.name(), edit) != null) {
                return wrong("The attribute " + edit.name() + " is given twice.");
            }
            if (edit.value() == null) {
                if (creating) {
                    return wrong(
                            "The attribute " + edit.name() + " cannot be removed from a new topic; use +name=value.");
                }
            } else if (!type.takes(edit.value())) {
                return wrong("The attribute " + edit.name() + " cannot be \"" + edit.value() + "\", only "
                        + type.allowed() + ".");
            }
            if (!creating && !type.changeable() && !Objects.equals(edit.value(), current.get(edit.name()))) {
                return wrong("The attribute " + edit.name() + " cannot change once the topic exists.");
            }
            if (!mixed && edit.name().equals(MESSAGE_TYPE) && MIXED.equals(edit.value())) {
                return TopicRules.invalid("The message type MIXED is not allowed; enableMixedMessageType allows it.");
            }
        }
        return null;
    }

    /** The attributes after the edits. */
    Map<String, String> apply(Map<String, String> current) {
        if (edits.isEmpty()) {
            return current;
        }
        TreeMap<String, String> next = new TreeMap<>(current);
        for (Edit edit : edits) {
            if (edit.value() == null) {
                next.remove(edit.name());
            } else {
                next.put(edit.name(), edit.value());
            }
        }
        return Collections.unmodifiableMap(next);
    }

    private static Refusal wrong(String sentence) {
        return new Refusal(ResponseCode.SYSTEM_ERROR, sentence);
    }
}
