package org.merlinmq.broker.admin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.merlinmq.broker.dedup.DedupTable;
import org.merlinmq.broker.dedup.DedupTables;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.DedupState;
import org.merlinmq.protocol.body.DedupStateList;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;

/**
 * Shows the topics in which duplicates are found.
 *
 * <p>Threading: on virtual threads; {@link #all} on any.
 * <p>Source: 77030 is ours, see docs/wire/merlin-requests.md.
 */
public final class DedupHandlers {
    private final TopicTable topics;
    private final DedupTables tables;

    /**
     * Handlers over these tables.
     *
     * @param topics the topics
     * @param tables what is known of their messages
     */
    public DedupHandlers(TopicTable topics, DedupTables tables) {
        this.topics = topics;
        this.tables = tables;
    }

    /**
     * Registers request 77030.
     *
     * @param handlers takes it
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                RequestCode.LIST_DEDUP_WINDOWS,
                Access.of(Resource.CLUSTER, Action.GET),
                request -> Answer.ok(new DedupStateList(all()).write()));
    }

    /** All topics with a window, in the order of their names. */
    public List<DedupState> all() {
        List<DedupState> all = new ArrayList<>();
        for (Topic topic : topics.all()) {
            long window = topic.dedupMillis();
            if (window > 0) {
                DedupTable table = topic.knownDedup();
                long ofTable = table == null ? window : table.coveredMillis(tables.nowMillis());
                long covered = Math.min(Math.min(window, ofTable), tables.coveredMillis());
                all.add(new DedupState(covered, topic.name(), window));
            }
        }
        all.sort(Comparator.comparing(DedupState::topic));
        return all;
    }
}
