package org.merlinmq.broker.subscription;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.filter.Filter;
import org.merlinmq.broker.filter.TagFilter;
import org.merlinmq.protocol.body.SubscriptionEntry;

/**
 * A client's subscription to a topic, from its heartbeats.
 *
 * @param topic the topic
 * @param expressionType {@code TAG} or {@code SQL92}; clients may send others, which are refused
 * @param expression the expression's text
 * @param version when the client made it; a higher one replaces a lower one
 * @param compiled the messages that it takes, or why it cannot be used
 */
public record Subscription(String topic, String expressionType, String expression, long version, Compiled compiled) {
    /** Expressions that list tags. */
    public static final String TAG = "TAG";

    /**
     * A subscription that can be used.
     *
     * @param topic the topic
     * @param expressionType the kind of the expression
     * @param expression the expression's text
     * @param version when the client made it
     * @param filter the messages that it takes
     */
    public Subscription(String topic, String expressionType, String expression, long version, Filter filter) {
        this(topic, expressionType, expression, version, new Compiled.Usable(filter));
    }

    /**
     * Takes a subscription out of a heartbeat. A list of tags that cannot be read is replaced by the hashes that the client
     * sent with it: some send nothing else.
     *
     * @param entry what the client sent
     * @param known what is known already of the topic: the same expression is not compiled again
     * @param config what is served
     * @return the subscription
     */
    public static Subscription of(SubscriptionEntry entry, @Nullable Subscription known, FilterConfig config) {
        String type = entry.expressionType();
        String expression = entry.subString();
        Compiled compiled;
        if (known != null && known.sameText(type, expression) && known.compiled instanceof Compiled.Usable) {
            compiled = known.compiled;
        } else if (type.equals(TAG) && TagFilter.parse(expression) == null) {
            compiled = new Compiled.Usable(TagFilter.ofHashes(entry.codeSet()));
        } else {
            compiled = Compiled.of(type, expression, config);
        }
        return new Subscription(entry.topic(), type, expression, entry.subVersion(), compiled);
    }

    /** Whether it lists tags, which clients compare themselves once more. */
    public boolean isTag() {
        return expressionType.equals(TAG);
    }

    /** As clients send it and administrators see it. */
    public SubscriptionEntry asEntry() {
        List<String> tags =
                compiled instanceof Compiled.Usable(TagFilter byTags) ? List.copyOf(byTags.tags()) : List.of();
        return new SubscriptionEntry(
                false, tags.stream().map(String::hashCode).toList(), expressionType, expression, version, tags, topic);
    }

    private boolean sameText(String type, String text) {
        return expressionType.equals(type) && expression.equals(text);
    }

    /**
     * Whether another one takes the same messages, as far as their expressions tell.
     *
     * @param other a subscription to the same topic
     * @return true for the same text, and for the same tags in another order
     */
    public boolean sameMessages(Subscription other) {
        return sameText(other.expressionType, other.expression)
                || (compiled instanceof Compiled.Usable(TagFilter one)
                        && other.compiled instanceof Compiled.Usable(TagFilter two)
                        && one.takesAll() == two.takesAll()
                        && Arrays.equals(one.tagsCodes(), two.tagsCodes()));
    }
}
