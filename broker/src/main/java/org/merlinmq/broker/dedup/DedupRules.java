package org.merlinmq.broker.dedup;

import java.util.Map;

/**
 * The attribute by which a topic asks for deduplication, and what it means.
 *
 * <p>Threading: no state; any thread.
 *
 * <p>Units: milliseconds.
 */
public final class DedupRules {
    /** For how long a second send with one unique key is a duplicate; absent or 0 for never. */
    public static final String WINDOW = "dedup.window";

    /** The longest window: a day. */
    public static final long MAX_WINDOW_MILLIS = 86_400_000;

    private DedupRules() {}

    /**
     * The window that attributes set.
     *
     * @param attributes of a topic
     * @return milliseconds; 0 for none, which is also what an unreadable value of an old store counts as
     */
    public static long windowMillis(Map<String, String> attributes) {
        String text = attributes.get(WINDOW);
        return text == null || !text.matches("[0-9]{1,18}") ? 0 : Math.min(Long.parseLong(text), MAX_WINDOW_MILLIS);
    }
}
