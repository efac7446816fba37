package org.merlinmq.client;

import java.util.List;
import java.util.TreeSet;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * Which queues a member of a group gets: runs of neighbours, as long as each other or one longer, the longer ones first.
 * All members compute the same from the same two lists; clients of all makes do it this way by default.
 */
final class AverageShare {
    private AverageShare() {}

    /** The share of one member; none if it is not among the members or there are more members than queues. */
    static List<MessageQueueId> of(List<MessageQueueId> queues, List<String> members, String self) {
        List<String> all = List.copyOf(new TreeSet<>(members));
        int index = all.indexOf(self);
        if (index < 0) {
            return List.of();
        }
        List<MessageQueueId> ordered = queues.stream().sorted(Route.ORDER).toList();
        int least = ordered.size() / all.size();
        int longer = ordered.size() % all.size();
        int from = index * least + Math.min(index, longer);
        return ordered.subList(from, from + least + (index < longer ? 1 : 0));
    }
}
