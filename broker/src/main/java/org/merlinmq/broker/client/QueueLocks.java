package org.merlinmq.broker.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * Which client of a group holds which queue, so that an ordered consumer has it alone.
 *
 * <p>A lock is a lease of {@link #LEASE_MILLIS} from the last time its owner asked for it. The owner always gets it
 * again; another client gets it once the lease has run out; only the owner can give it back. Clients renew every 20 s.
 * The locks live in memory only: after a restart the first to ask has the queue, as in RocketMQ.
 *
 * <p>Threading: any thread, under this object's monitor.
 */
public final class QueueLocks {
    /** How long a lock outlives its owner's last request. */
    public static final long LEASE_MILLIS = 60_000;

    private record Lease(String clientId, long lockedMillis) {
        boolean heldAt(long nowMillis) {
            return nowMillis - lockedMillis < LEASE_MILLIS;
        }
    }

    private final Map<String, Map<MessageQueueId, Lease>> groups = new HashMap<>();
    private final LongSupplier nowMillis;

    /**
     * No queue is locked.
     *
     * @param nowMillis the clock of the leases
     */
    public QueueLocks(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    /**
     * Locks what is free, of several queues.
     *
     * @param group the consumer group
     * @param clientId the client that locks them
     * @param queues the queues
     * @return those that this client holds now, in the order asked
     */
    public synchronized List<MessageQueueId> lock(String group, String clientId, List<MessageQueueId> queues) {
        long now = nowMillis.getAsLong();
        Map<MessageQueueId, Lease> leases = groups.computeIfAbsent(group, made -> new HashMap<>());
        leases.values().removeIf(lease -> !lease.heldAt(now));
        List<MessageQueueId> held = new ArrayList<>(queues.size());
        for (MessageQueueId queue : queues) {
            Lease lease = leases.get(queue);
            if (lease == null || lease.clientId.equals(clientId)) {
                leases.put(queue, new Lease(clientId, now));
                held.add(queue);
            }
        }
        forgetIfEmpty(group, leases);
        return held;
    }

    /**
     * Gives queues back; those that another client holds stay locked.
     *
     * @param group the consumer group
     * @param clientId who held them
     * @param queues the queues
     */
    public synchronized void unlock(String group, String clientId, List<MessageQueueId> queues) {
        Map<MessageQueueId, Lease> leases = groups.getOrDefault(group, Map.of());
        for (MessageQueueId queue : queues) {
            Lease lease = leases.get(queue);
            if (lease != null && lease.clientId.equals(clientId)) {
                leases.remove(queue);
            }
        }
        forgetIfEmpty(group, leases);
    }

    /**
     * Takes out the leases that have run out.
     *
     * @return true if any remain, so that this is to be called again
     */
    public synchronized boolean expire() {
        long now = nowMillis.getAsLong();
        groups.values().forEach(leases -> leases.values().removeIf(lease -> !lease.heldAt(now)));
        groups.values().removeIf(Map::isEmpty);
        return !groups.isEmpty();
    }

    private void forgetIfEmpty(String group, Map<MessageQueueId, Lease> leases) {
        if (leases.isEmpty()) {
            groups.remove(group);
        }
    }

    /**
     * Who holds a queue.
     *
     * @param group the consumer group
     * @param queue the queue
     * @return the client's id, or null if no lease is running
     */
    public synchronized @Nullable String owner(String group, MessageQueueId queue) {
        Lease lease = groups.getOrDefault(group, Map.of()).get(queue);
        return lease != null && lease.heldAt(nowMillis.getAsLong()) ? lease.clientId : null;
    }

    /**
     * Whether a group consumes in order at the moment.
     *
     * @param group the consumer group
     * @return true while any lease of the group is running
     */
    public synchronized boolean holdsAny(String group) {
        long now = nowMillis.getAsLong();
        return groups.getOrDefault(group, Map.of()).values().stream().anyMatch(lease -> lease.heldAt(now));
    }

    @Override
    public synchronized String toString() {
        return new TreeSet<>(groups.keySet()).toString();
    }
}
