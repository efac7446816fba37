package org.merlinmq.client;

import java.util.List;
import java.util.TreeSet;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * Allocates a topic's queues to the members of a group: each member gets neighbouring queues, and the first members one
 * more than the others if the division leaves a rest. All members compute the same allocation from the same two lists, as
 * RocketMQ's own clients do by default.
 */
final class AverageAllocation {
    private AverageAllocation() {}

    /** The queues of one member; none if it is not among the members or there are more members than queues. */
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
