package org.merlinmq.broker.limit;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes by which topics and groups are limited, and what they mean.
 *
 * <pre>
 *  limit.send.messages      messages a second to a topic, or by a producer group
 *  limit.send.bytes         bytes a second
 *  limit.send.burst         milliseconds for which an unused rate is saved up
 *  limit.deliver.messages, limit.deliver.bytes, limit.deliver.burst
 *                           the same out of a topic, or to a consumer group
 * </pre>
 *
 * <p>Threading: no state; any thread.
 */
public final class LimitRules {
    /** What all names of limits begin with. */
    public static final String PREFIX = "limit.";

    /** How limits of sends begin. */
    public static final String SEND = "limit.send.";

    /** How limits of deliveries begin. */
    public static final String DELIVER = "limit.deliver.";

    /** The highest rate that may be set. */
    public static final long MAX_RATE = 1_000_000_000_000L;

    /** The longest burst, in milliseconds. */
    public static final long MAX_BURST_MILLIS = 60_000;

    private static final long BURST_MILLIS = 1_000;

    private LimitRules() {}

    /**
     * The rates that attributes set.
     *
     * @param attributes of a topic or group
     * @param prefix {@link #SEND} or {@link #DELIVER}
     * @return {@link RateLimit.Rates#NONE} if they set none
     */
    public static RateLimit.Rates rates(Map<String, String> attributes, String prefix) {
        if (attributes.isEmpty()) {
            return RateLimit.Rates.NONE;
        }
        long messages = number(attributes.get(prefix + "messages"), 0, MAX_RATE);
        long bytes = number(attributes.get(prefix + "bytes"), 0, MAX_RATE);
        if (messages == 0 && bytes == 0) {
            return RateLimit.Rates.NONE;
        }
        long burst = number(attributes.get(prefix + "burst"), BURST_MILLIS, MAX_BURST_MILLIS);
        return new RateLimit.Rates(messages, bytes, Duration.ofMillis(burst));
    }

    /** What is no number of an attribute that a store holds counts as absent: it was checked when it was set. */
    private static long number(@Nullable String text, long absent, long max) {
        if (text == null || !text.matches("[0-9]{1,18}")) {
            return absent;
        }
        return Math.min(Long.parseLong(text), max);
    }

    /**
     * Why a group's attribute cannot have a value.
     *
     * @param name the attribute, without its sign
     * @param value the value
     * @return null if it can, or if it is no limit
     */
    public static @Nullable String check(String name, String value) {
        if (!name.startsWith(PREFIX)) {
            return null;
        }
        long max = max(name);
        if (max == 0) {
            return "The attribute " + name + " is unknown; limits are limit.send.messages, limit.send.bytes,"
                    + " limit.send.burst and the same of limit.deliver.";
        }
        boolean fits = value.matches("[0-9]{1,18}") && Long.parseLong(value) <= max;
        return fits
                ? null
                : "The attribute " + name + " cannot be \"" + value + "\", only a number from 0 to " + max + ".";
    }

    private static long max(String name) {
        return switch (name) {
            case SEND + "messages", SEND + "bytes", DELIVER + "messages", DELIVER + "bytes" -> MAX_RATE;
            case SEND + "burst", DELIVER + "burst" -> MAX_BURST_MILLIS;
            default -> 0;
        };
    }
}
