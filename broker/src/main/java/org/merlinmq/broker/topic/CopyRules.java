package org.merlinmq.broker.topic;

import java.util.Map;

/**
 * For how many slaves the sends to a topic wait: an attribute of it, or the broker's settings.
 *
 * <p>Threading: no state; any thread.
 */
public final class CopyRules {
    /** The attribute. */
    public static final String COPIES = "copies";

    /** The most slaves to wait for. */
    public static final int MAX_COPIES = 16;

    /** As many as the broker's settings say. */
    public static final int AS_CONFIGURED = -1;

    private CopyRules() {}

    /**
     * The number that attributes set.
     *
     * @param attributes of a topic
     * @return how many slaves; {@link #AS_CONFIGURED} where nothing is said, also for an unreadable value of an old store
     */
    public static int copies(Map<String, String> attributes) {
        String text = attributes.get(COPIES);
        return text == null || !text.matches("[0-9]{1,2}")
                ? AS_CONFIGURED
                : Math.min(Integer.parseInt(text), MAX_COPIES);
    }
}
