package org.merlinmq.broker.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.GroupLocks.Lease;
import org.merlinmq.broker.client.GroupLocks.Owner;
import org.merlinmq.protocol.body.MessageQueueId;

/**
 * Which client of a group holds which queue, so that an ordered consumer has it alone.
 *
 * <p>A lock is a lease of {@link #LEASE_MILLIS} from the last time its owner asked for it, and of {@link #GONE_MILLIS} once
 * the owner has no connection left: then nobody renews it. The owner always gets it again; another client gets it once the
 * lease has run out; only the owner can give it back. Clients renew every 20 s. A client that is refused a queue is noted,
 * and notified when that queue becomes free; without notice it would ask again by its own timer, up to 20 s later.
 *
 * <p>Who owns what outlives a restart: after a start the recorded owner has a lease of {@link #GONE_MILLIS}, since it may
 * still rely on its lock.
 *
 * <p>Threading: any thread, under this object's monitor; {@code freed} is called outside it.
 * <p>Units: times are those of a clock that is never set.
 */
public final class QueueLocks implements AutoCloseable {
    /** How long a lock outlives its owner's last request while the owner is connected. */
    public static final long LEASE_MILLIS = 60_000;

    /**
     * How long a lock outlives the last request of an owner that is gone. A client relies on its lock for 30 s after the
     * answer; it may have got that answer up to 0.8 s after the request came here, and consume yet without a connection.
     */
    public static final long GONE_MILLIS = 30_800;

    /** Most queues that a group locks; more are refused. */
    static final int MAX_QUEUES = 65_536;

    private final LongSupplier elapsedMillis;
    private final LockRecords records;
    private final BiPredicate<String, String> connected;
    private final BiConsumer<String, Collection<Channel>> freed;
    private final LongConsumer lookAgain;

    // Guarded by this.
    private final Map<String, GroupLocks> groups = new HashMap<>();
    /** When {@link #expire} is called the next time, while clients are noted. */
    private long alarmMillis = Long.MAX_VALUE;

    private boolean closed;

    /**
     * No queue is locked.
     *
     * @param elapsedMillis the clock of the leases, which is never set
     * @param records where owners are kept over a restart
     * @param connected whether a client of a group, by their names, has a connection; called under the monitor
     * @param freed is given a group and those of its clients that were refused a queue which is free now; must not block
     * @param lookAgain asks for a call of {@link #expire} in so many milliseconds; called only while somebody was refused
     */
    public QueueLocks(
            LongSupplier elapsedMillis,
            LockRecords records,
            BiPredicate<String, String> connected,
            BiConsumer<String, Collection<Channel>> freed,
            LongConsumer lookAgain) {
        this.elapsedMillis = elapsedMillis;
        this.records = records;
        this.connected = connected;
        this.freed = freed;
        this.lookAgain = lookAgain;
    }

    /**
     * Takes one entry of the state, when the broker starts.
     *
     * @param type its type; those of other tables are passed over
     * @param key its key
     * @param value its value; null if it was removed
     */
    public synchronized void apply(int type, byte[] key, byte @Nullable [] value) {
        LockRecords.Entry entry = LockRecords.read(type, key, value);
        if (entry == null) {
            return;
        }
        GroupLocks group = groups.computeIfAbsent(entry.group(), made -> new GroupLocks());
        if (entry.clientId() == null) {
            group.remove(entry.queue());
        } else {
            Owner owner = group.owner(entry.clientId());
            owner.gone = owner.channel == null;
            group.take(entry.queue(), owner, elapsedMillis.getAsLong());
        }
        forgetIfEmpty(entry.group(), group);
    }

    /**
     * Locks what is free, of several queues.
     *
     * @param name the consumer group
     * @param clientId the client that locks them
     * @param channel its connection, for the notice
     * @param queues the queues
     * @return those that this client holds now, in the order asked
     */
    public synchronized List<MessageQueueId> lock(
            String name, String clientId, Channel channel, List<MessageQueueId> queues) {
        long now = elapsedMillis.getAsLong();
        GroupLocks group = groups.computeIfAbsent(name, made -> new GroupLocks());
        Owner owner = group.owner(clientId);
        owner.channel = channel;
        owner.gone = false;
        owner.gaveBack = false;
        List<MessageQueueId> held = new ArrayList<>(queues.size());
        List<MessageQueueId> taken = new ArrayList<>();
        long next = Long.MAX_VALUE;
        for (MessageQueueId queue : queues) {
            Lease lease = group.leases.get(queue);
            if (lease != null && lease.owner.equals(owner)) {
                lease.lockedMillis = now;
                held.add(queue);
            } else if (lease == null ? group.leases.size() < MAX_QUEUES : now >= lease.endMillis()) {
                group.take(queue, owner, now);
                taken.add(queue);
                held.add(queue);
            } else if (lease != null) {
                group.note(queue, channel, now);
                next = Math.min(next, lease.endMillis());
            }
        }
        records.taken(name, clientId, taken);
        alarm(next, now);
        if (owner.queues == 0) {
            group.owners.remove(clientId);
        }
        forgetIfEmpty(name, group);
        return held;
    }

    /**
     * Whether a client is in a group at the moment, by any connection.
     *
     * @param name the consumer group
     * @param clientId the client
     * @return true for a member
     */
    boolean isMember(String name, String clientId) {
        return connected.test(name, clientId);
    }

    /**
     * When the first of some queues is free unless its owner renews its lock.
     *
     * @param name the consumer group
     * @param queues the queues
     * @return in how many milliseconds, 0 if one is free now; {@link Long#MAX_VALUE} if there are no queues
     */
    synchronized long freeInMillis(String name, List<MessageQueueId> queues) {
        GroupLocks group = groups.get(name);
        long now = elapsedMillis.getAsLong();
        long first = Long.MAX_VALUE;
        for (MessageQueueId queue : queues) {
            Lease lease = group == null ? null : group.leases.get(queue);
            first = Math.min(first, lease == null ? 0 : Math.max(0, lease.endMillis() - now));
        }
        return first;
    }

    /**
     * Gives queues back; those that another client holds stay locked.
     *
     * @param name the consumer group
     * @param clientId who held them
     * @param queues the queues
     */
    public void unlock(String name, String clientId, List<MessageQueueId> queues) {
        Map<String, Set<Channel>> free = new TreeMap<>();
        synchronized (this) {
            GroupLocks group = groups.get(name);
            Owner owner = group == null ? null : group.owners.get(clientId);
            if (group == null || owner == null) {
                return;
            }
            owner.gaveBack = true;
            List<MessageQueueId> own = new ArrayList<>(queues.size());
            for (MessageQueueId queue : queues) {
                Lease lease = group.leases.get(queue);
                if (lease != null && lease.owner.equals(owner)) {
                    own.add(queue);
                }
            }
            free(name, group, own, free);
        }
        free.forEach(freed);
    }

    /**
     * A client has unregistered from a group. If it gave queues back just before, as clients do when they stop, the rest of
     * its locks ends too.
     *
     * @param name the consumer group
     * @param clientId the client
     * @param channel the connection by which it was in the group
     */
    public void unregistered(String name, String clientId, Channel channel) {
        Map<String, Set<Channel>> free = new TreeMap<>();
        synchronized (this) {
            GroupLocks group = groups.get(name);
            Owner owner = group == null ? null : group.owners.get(clientId);
            if (group == null || owner == null) {
                return;
            }
            if (channel.equals(owner.channel)) {
                owner.channel = null;
            }
            look(name, owner);
            if (owner.gone && owner.gaveBack) {
                free(name, group, group.of(owner), free);
            } else {
                endOverdue(name, group, free);
            }
        }
        free.forEach(freed);
    }

    /**
     * A connection was closed: clients that have no other one are gone.
     *
     * @param channel the connection
     */
    public void closed(Channel channel) {
        Map<String, Set<Channel>> free = new TreeMap<>();
        synchronized (this) {
            for (String name : List.copyOf(groups.keySet())) {
                closed(name, groups.get(name), channel, free);
            }
        }
        free.forEach(freed);
    }

    private void closed(String name, @Nullable GroupLocks group, Channel channel, Map<String, Set<Channel>> free) {
        if (group == null) {
            return;
        }
        group.noted.values().forEach(clients -> clients.remove(channel));
        boolean lost = false;
        for (Owner owner : group.owners.values()) {
            if (channel.equals(owner.channel)) {
                owner.channel = null;
                look(name, owner);
                lost = true;
            }
        }
        if (lost) {
            endOverdue(name, group, free);
        }
    }

    private void look(String name, Owner owner) {
        owner.gone = owner.channel == null && !connected.test(name, owner.clientId);
    }

    /**
     * The members of a group changed.
     *
     * @param name the consumer group
     */
    public void membersChanged(String name) {
        Map<String, Set<Channel>> free = new TreeMap<>();
        synchronized (this) {
            GroupLocks group = groups.get(name);
            if (group == null) {
                return;
            }
            group.owners.values().forEach(owner -> look(name, owner));
            endOverdue(name, group, free);
        }
        free.forEach(freed);
    }

    /**
     * Takes out the leases that have run out and notifies who was refused them.
     *
     * @return true if any remain, so that this is to be called again
     */
    public boolean expire() {
        Map<String, Set<Channel>> free = new TreeMap<>();
        boolean any;
        synchronized (this) {
            if (elapsedMillis.getAsLong() >= alarmMillis) {
                alarmMillis = Long.MAX_VALUE;
            }
            for (String name : List.copyOf(groups.keySet())) {
                GroupLocks group = groups.get(name);
                if (group != null) {
                    endOverdue(name, group, free);
                }
            }
            any = !groups.isEmpty();
        }
        free.forEach(freed);
        return any;
    }

    /** Ends what has run out, and has the first of the others looked at that somebody was refused. */
    private void endOverdue(String name, GroupLocks group, Map<String, Set<Channel>> free) {
        if (closed) {
            return;
        }
        long now = elapsedMillis.getAsLong();
        List<MessageQueueId> over = new ArrayList<>();
        group.leases.forEach((queue, lease) -> {
            if (now >= lease.endMillis()) {
                over.add(queue);
            }
        });
        free(name, group, over, free);
        alarm(group.nextEndMillis(now), now);
    }

    private void free(String name, GroupLocks group, List<MessageQueueId> queues, Map<String, Set<Channel>> free) {
        for (MessageQueueId queue : queues) {
            group.remove(queue);
            Map<Channel, Long> clients = group.noted.remove(queue);
            if (clients != null && !clients.isEmpty()) {
                free.computeIfAbsent(name, made -> new LinkedHashSet<>()).addAll(clients.keySet());
            }
        }
        records.freed(name, queues);
        forgetIfEmpty(name, group);
    }

    private void alarm(long atMillis, long nowMillis) {
        if (atMillis < alarmMillis) {
            alarmMillis = atMillis;
            lookAgain.accept(atMillis - nowMillis);
        }
    }

    private void forgetIfEmpty(String name, GroupLocks group) {
        if (group.leases.isEmpty()) {
            groups.remove(name);
        }
    }

    /**
     * Who holds a queue.
     *
     * @param name the group
     * @param queue the queue
     * @return the client's id, or null if no lease is running
     */
    public synchronized @Nullable String owner(String name, MessageQueueId queue) {
        GroupLocks group = groups.get(name);
        Lease lease = group == null ? null : group.leases.get(queue);
        return lease != null && elapsedMillis.getAsLong() < lease.endMillis() ? lease.owner.clientId : null;
    }

    /**
     * Whether a group consumes in order at the moment.
     *
     * @param name the consumer group
     * @return true while any lease of the group is running
     */
    public synchronized boolean holdsAny(String name) {
        GroupLocks group = groups.get(name);
        long now = elapsedMillis.getAsLong();
        return group != null && group.leases.values().stream().anyMatch(lease -> now < lease.endMillis());
    }

    /** Ends no lease any more: the store where that would be recorded closes. */
    @Override
    public synchronized void close() {
        closed = true;
    }

    @Override
    public synchronized String toString() {
        return new TreeSet<>(groups.keySet()).toString();
    }
}
