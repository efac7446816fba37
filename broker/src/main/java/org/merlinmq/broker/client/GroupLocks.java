package org.merlinmq.broker.client;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * The locks of one group, and who was refused one.
 *
 * <p>Threading: under the monitor of {@link QueueLocks}.
 */
final class GroupLocks {
    /** Most clients that are noted for one queue; more ask again by their own timers. */
    static final int MAX_NOTED = 64;

    /** A client that has not asked for so long has another share of the queues by now. */
    private static final long NOTED_MILLIS = 60_000;

    final Map<MessageQueueId, Lease> leases = new HashMap<>();
    final Map<String, Owner> owners = new HashMap<>();
    /** Who was refused a queue, and when. */
    final Map<MessageQueueId, Map<Channel, Long>> noted = new HashMap<>();

    /** A client of the group that holds queues. */
    static final class Owner {
        final String clientId;
        /** The connection of its last request; null once that is closed, and after a start. */
        @Nullable Channel channel;

        boolean gone;
        /** It gave queues back with its last request. If it unregisters now, it consumes no more. */
        boolean gaveBack;

        int queues;

        Owner(String clientId) {
            this.clientId = clientId;
        }
    }

    /** An owner's lock on one queue. */
    static final class Lease {
        final Owner owner;
        long lockedMillis;

        Lease(Owner owner, long lockedMillis) {
            this.owner = owner;
            this.lockedMillis = lockedMillis;
        }

        long endMillis() {
            return lockedMillis + (owner.gone ? QueueLocks.GONE_MILLIS : QueueLocks.LEASE_MILLIS);
        }
    }

    Owner owner(String clientId) {
        return owners.computeIfAbsent(clientId, Owner::new);
    }

    void take(MessageQueueId queue, Owner owner, long nowMillis) {
        remove(queue);
        owners.put(owner.clientId, owner);
        leases.put(queue, new Lease(owner, nowMillis));
        owner.queues++;
    }

    void remove(MessageQueueId queue) {
        Lease lease = leases.remove(queue);
        if (lease != null && --lease.owner.queues == 0) {
            owners.remove(lease.owner.clientId);
        }
    }

    List<MessageQueueId> of(Owner owner) {
        return leases.entrySet().stream()
                .filter(entry -> entry.getValue().owner.equals(owner))
                .map(Map.Entry::getKey)
                .toList();
    }

    void note(MessageQueueId queue, Channel channel, long nowMillis) {
        Map<Channel, Long> clients = noted.computeIfAbsent(queue, made -> new LinkedHashMap<>());
        if (clients.size() < MAX_NOTED || clients.containsKey(channel)) {
            clients.put(channel, nowMillis);
        }
    }

    /** Forgets those that asked long ago; returns when the first lease ends that one of the others waits for. */
    long nextEndMillis(long nowMillis) {
        long next = Long.MAX_VALUE;
        for (Iterator<Map.Entry<MessageQueueId, Map<Channel, Long>>> all =
                        noted.entrySet().iterator();
                all.hasNext(); ) {
            Map.Entry<MessageQueueId, Map<Channel, Long>> entry = all.next();
            entry.getValue().values().removeIf(askedMillis -> nowMillis - askedMillis >= NOTED_MILLIS);
            Lease lease = leases.get(entry.getKey());
            if (lease == null || entry.getValue().isEmpty()) {
                all.remove();
            } else {
                next = Math.min(next, lease.endMillis());
            }
        }
        return next;
    }
}
