package org.merlinmq.nameserver;

import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.QueueRoute;

/**
 * A topic's route: its queues on each broker group, and the answers made of them so far.
 *
 * <p>Clients poll every route they use each 30 seconds, so an answer is bytes that wait to be copied. Few topics need
 * more than one: only brokers whose address depends on the requester make answers differ, one per local address.
 *
 * <p>Threading: written under the registry's lock, {@link #answer} on any thread.
 */
final class TopicRoutes {
    /** Local addresses of this machine for which an answer is kept; further ones are rendered each time. */
    static final int MAX_ANSWERS = 8;

    private static final Comparator<QueueRoute> BY_BROKER = Comparator.comparing(QueueRoute::brokerName);
    private static final Answer[] NONE = {};

    private QueueRoute[] queues = {};
    private volatile Answer[] answers = NONE;

    /** Rendered bytes, good for one local address (null: for all) until something in them changes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Answer(@Nullable String localHost, int epoch, byte[] body) {
        boolean fits(String host, int currentEpoch) {
            return epoch == currentEpoch && (localHost == null || localHost.equals(host));
        }
    }

    /** The kept answer, or null if it has to be rendered. */
    byte @Nullable [] answer(String localHost, int epoch) {
        for (Answer answer : answers) {
            if (answer.fits(localHost, epoch)) {
                return answer.body;
            }
        }
        return null;
    }

    /** Keeps an answer; {@code localHost} is null if it is the same for all clients. */
    void keep(@Nullable String localHost, int epoch, byte[] body) {
        Answer made = new Answer(localHost, epoch, body);
        Answer[] current = Arrays.stream(answers).filter(a -> a.epoch == epoch).toArray(Answer[]::new);
        if (localHost == null || current.length >= MAX_ANSWERS) {
            current = NONE;
        }
        Answer[] more = Arrays.copyOf(current, current.length + 1);
        more[current.length] = made;
        answers = more;
    }

    /** The queues by broker name, ascending; not to be changed. */
    QueueRoute[] queues() {
        return queues;
    }

    boolean isEmpty() {
        return queues.length == 0;
    }

    @Nullable QueueRoute find(String brokerName) {
        for (QueueRoute queue : queues) {
            if (queue.brokerName().equals(brokerName)) {
                return queue;
            }
        }
        return null;
    }

    /** Adds or replaces a group's queues. True if this changed anything. */
    boolean put(QueueRoute route) {
        QueueRoute old = find(route.brokerName());
        if (old != null && route.equals(old)) {
            return false;
        }
        QueueRoute[] next;
        if (old == null) {
            next = Arrays.copyOf(queues, queues.length + 1);
            next[queues.length] = route;
            Arrays.sort(next, BY_BROKER);
        } else {
            next = queues.clone();
            next[Arrays.asList(queues).indexOf(old)] = route;
        }
        queues = next;
        answers = NONE;
        return true;
    }

    /** Removes a group's queues. True if there were any. */
    boolean remove(String brokerName) {
        if (find(brokerName) == null) {
            return false;
        }
        queues = Arrays.stream(queues)
                .filter(q -> !q.brokerName().equals(brokerName))
                .toArray(QueueRoute[]::new);
        answers = NONE;
        return true;
    }
}
