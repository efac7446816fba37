package org.merlinmq.broker.client;

import org.merlinmq.broker.filter.Filter;

/**
 * A subscription of a group to a topic, from the heartbeats of its clients.
 *
 * @param topic the topic
 * @param expressionType {@code TAG} or {@code SQL92}
 * @param expression the expression's text
 * @param version when the client made it; a higher one replaces a lower one
 * @param filter the messages wanted; takes all for any other type than {@code TAG}
 */
public record Subscription(String topic, String expressionType, String expression, long version, Filter filter) {
    /** Expressions that list tags. */
    public static final String TAG = "TAG";

    /** Whether {@link #filter} decides: false if the expression is of another type. */
    public boolean isTag() {
        return expressionType.equals(TAG);
    }
}
