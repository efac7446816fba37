package org.merlinmq.broker.subscription;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.filter.ByteTable;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * What one client subscribes to in one group: what its pulls go by, whatever other clients of the group subscribe to.
 *
 * <p>Threading: read by any thread without a lock and, by bytes, without garbage; changed by one thread at a time.
 */
public final class ClientSubscriptions {
    private record Table(ByteTable topics, List<Subscription> subscriptions) {}

    private static final Table NOTHING = new Table(ByteTable.EMPTY, List.of());

    private final String group;
    private volatile boolean broadcasts;
    private volatile Table table = NOTHING;

    /**
     * A client that has not said what it subscribes to.
     *
     * @param group the group
     */
    public ClientSubscriptions(String group) {
        this.group = group;
    }

    /** The group's name. */
    public String group() {
        return group;
    }

    /** Whether the client takes all of the group's messages, as its last heartbeat says. */
    public boolean broadcasts() {
        return broadcasts;
    }

    /**
     * Notes how the client consumes.
     *
     * @param all whether it takes all of the group's messages
     */
    public void broadcasts(boolean all) {
        broadcasts = all;
    }

    /**
     * The subscription to a topic, by the bytes of its name.
     *
     * @param topic where the name stands
     * @param at its first byte
     * @param length its length
     * @return null if there is none
     */
    public @Nullable Subscription find(byte[] topic, int at, int length) {
        Table now = table;
        int number = now.topics.find(topic, at, length);
        return number < 0 ? null : now.subscriptions.get(number);
    }

    /**
     * The subscription to a topic.
     *
     * @param topic the topic
     * @return null if there is none
     */
    public @Nullable Subscription find(String topic) {
        byte[] name = Bytes.utf8(topic);
        return find(name, 0, name.length);
    }

    /** All subscriptions, in no order. */
    public Collection<Subscription> all() {
        return table.subscriptions;
    }

    /** Whether no heartbeat has brought any. */
    public boolean isEmpty() {
        return table.subscriptions.isEmpty();
    }

    /**
     * Takes over what another connection of the client brought.
     *
     * @param other its subscriptions
     */
    public void copyOf(ClientSubscriptions other) {
        table = other.table;
    }

    /**
     * Takes what a heartbeat says as all there is. Heartbeats may overtake each other: of a topic that stays, a lower
     * version is not taken.
     *
     * @param all the subscriptions of the heartbeat
     * @return the topics that came, went or have another version now
     */
    public Set<String> replace(Collection<Subscription> all) {
        Map<String, Subscription> former = new HashMap<>();
        table.subscriptions.forEach(one -> former.put(one.topic(), one));
        Map<String, Subscription> next = new HashMap<>();
        Set<String> changed = new TreeSet<>();
        for (Subscription one : all) {
            Subscription known = former.remove(one.topic());
            boolean isNews = known == null || one.version() > known.version();
            next.put(one.topic(), isNews ? one : known);
            if (isNews) {
                changed.add(one.topic());
            }
        }
        changed.addAll(former.keySet());
        if (!changed.isEmpty()) {
            List<Subscription> now = new ArrayList<>(next.values());
            table = new Table(ByteTable.of(now.stream().map(Subscription::topic).toList()), List.copyOf(now));
        }
        return changed;
    }
}
