package org.merlinmq.broker.admin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.limit.RateLimit;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.RateLimitList;
import org.merlinmq.protocol.body.RateLimitState;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;

/**
 * Shows the rate limits of topics and groups and what has waited for them.
 *
 * <p>Threading: on virtual threads; {@link #all} on any.
 * <p>Source: 77020 is ours, see docs/wire/merlin-requests.md.
 */
public final class LimitHandlers {
    private final TopicTable topics;
    private final GroupTable groups;

    /**
     * Handlers over these tables.
     *
     * @param topics the topics
     * @param groups the groups
     */
    public LimitHandlers(TopicTable topics, GroupTable groups) {
        this.topics = topics;
        this.groups = groups;
    }

    /**
     * Registers request 77020.
     *
     * @param handlers takes it
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                RequestCode.LIST_RATE_LIMITS,
                Access.of(Resource.CLUSTER, Action.GET),
                request -> Answer.ok(new RateLimitList(all()).write()));
    }

    /** All limits with their figures; one that was taken off is shown while something waits for it. */
    public List<RateLimitState> all() {
        List<RateLimitState> all = new ArrayList<>();
        for (Topic topic : topics.all()) {
            add(all, "send", topic.sendLimit());
            add(all, "deliver", topic.deliverLimit());
        }
        groups.limits(true).forEach(limit -> add(all, "send", limit));
        groups.limits(false).forEach(limit -> add(all, "deliver", limit));
        all.sort(Comparator.comparing(RateLimitState::kind)
                .thenComparing(RateLimitState::name)
                .thenComparing(RateLimitState::direction));
        return all;
    }

    private static void add(List<RateLimitState> to, String direction, @Nullable RateLimit limit) {
        if (limit == null || (limit.rates().none() && limit.waiting() == 0)) {
            return;
        }
        RateLimit.Rates rates = limit.rates();
        to.add(new RateLimitState(
                rates.burst().toMillis(),
                rates.bytes(),
                direction,
                limit.kind().word(),
                rates.messages(),
                limit.name(),
                limit.refused(),
                limit.waited(),
                limit.waiting()));
    }
}
