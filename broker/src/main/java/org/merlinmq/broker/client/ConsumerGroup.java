package org.merlinmq.broker.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.group.GroupRules;
import org.merlinmq.broker.group.NameTable;
import org.merlinmq.protocol.body.ConsumeFromWhere;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.MessageModel;

/**
 * A consumer group that has clients connected: its members and what they subscribe to.
 *
 * <p>Threading: read by any thread without a lock; changed by {@link ConsumerGroups} alone, under its monitor.
 */
public final class ConsumerGroup {
    /**
     * How the members consume.
     *
     * @param consumeType whether they pull, are pushed to or pop
     * @param messageModel whether they share the messages or each get all
     * @param consumeFromWhere where a new group starts
     */
    public record ConsumeSettings(
            ConsumeType consumeType, MessageModel messageModel, ConsumeFromWhere consumeFromWhere) {}

    private final String name;
    private final Map<Channel, Member> members = new ConcurrentHashMap<>();
    /** Guarded by the monitor of {@link ConsumerGroups}. */
    private final Map<String, Integer> connectionsById = new HashMap<>();

    private final NameTable<Subscription> subscriptions = new NameTable<>();
    private volatile ConsumeSettings settings;

    ConsumerGroup(String name, ConsumeSettings settings) {
        this.name = name;
        this.settings = settings;
    }

    public String name() {
        return name;
    }

    /** Whether it is one of the groups that servers and tools make for themselves, by its name. */
    public boolean system() {
        return GroupRules.isSystem(name);
    }

    /** How its members consume, by the last heartbeat. */
    public ConsumeSettings settings() {
        return settings;
    }

    /** Whether every member gets every message. */
    public boolean isBroadcasting() {
        return settings.messageModel() == MessageModel.BROADCASTING;
    }

    /**
     * The group's subscription to a topic, by the bytes of its name.
     *
     * @param topic where the name stands
     * @param at its first byte
     * @param length its length
     * @return null if it does not subscribe to it
     */
    public @Nullable Subscription subscription(byte[] topic, int at, int length) {
        return subscriptions.find(topic, at, length);
    }

    /**
     * The group's subscription to a topic.
     *
     * @param topic the topic
     * @return null if it does not subscribe to it
     */
    public @Nullable Subscription subscription(String topic) {
        return subscriptions.find(topic);
    }

    /**
     * All subscriptions of the group.
     *
     * @return by topic, sorted
     */
    public Map<String, Subscription> subscriptions() {
        Map<String, Subscription> all = new TreeMap<>();
        subscriptions.values().forEach(one -> all.put(one.topic(), one));
        return all;
    }

    /** The connected members, one per connection. */
    public Collection<Member> members() {
        return List.copyOf(members.values());
    }

    /**
     * Who takes part in sharing the queues.
     *
     * @return each id once, sorted, whatever the number of its connections
     */
    public Set<String> clientIds() {
        Set<String> ids = new TreeSet<>();
        members.values().forEach(member -> ids.add(member.clientId()));
        return ids;
    }

    /**
     * The member of a client id.
     *
     * @param clientId the id
     * @return the one that was seen last, or null
     */
    public @Nullable Member member(String clientId) {
        Member found = null;
        for (Member member : members.values()) {
            if (member.clientId().equals(clientId) && (found == null || member.seenMillis() > found.seenMillis())) {
                found = member;
            }
        }
        return found;
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    /** Notes a heartbeat; true if the connection is new to the group. */
    boolean seen(Member now, ConsumeSettings how) {
        settings = how;
        Member known = members.get(now.channel());
        if (known != null && known.clientId().equals(now.clientId())) {
            known.seen(now.seenMillis());
            return false;
        }
        remove(now.channel());
        members.put(now.channel(), now);
        connectionsById.merge(now.clientId(), 1, Integer::sum);
        return true;
    }

    /**
     * Looks for another live client with the id of a member that has just sent a heartbeat.
     *
     * @return both members if they were found out now; else none
     */
    List<Member> newlySharing(Channel channel) {
        Member known = members.get(channel);
        if (known == null || connectionsById.getOrDefault(known.clientId(), 0) < 2) {
            return List.of();
        }
        for (Member other : members.values()) {
            if (other != known && other.clientId().equals(known.clientId()) && known.noteSameId(other)) {
                return List.of(known, other);
            }
        }
        return List.of();
    }

    @Nullable Member remove(Channel channel) {
        Member removed = members.remove(channel);
        if (removed != null) {
            int left = connectionsById.getOrDefault(removed.clientId(), 1) - 1;
            connectionsById.put(removed.clientId(), left);
            connectionsById.values().removeIf(count -> count == 0);
            if (left == 1) {
                members.values().stream()
                        .filter(member -> member.clientId().equals(removed.clientId()))
                        .forEach(Member::noLongerSharesClientId);
            }
        }
        return removed;
    }

    /**
     * Client ids that more than one live client uses.
     *
     * @return the ids, sorted
     */
    public Set<String> sharedClientIds() {
        Set<String> ids = new TreeSet<>();
        members.values().stream().filter(Member::sharesClientId).forEach(member -> ids.add(member.clientId()));
        return ids;
    }

    List<Member> silentSince(long millis) {
        List<Member> silent = new ArrayList<>();
        members.values().stream().filter(m -> m.seenMillis() < millis).forEach(silent::add);
        return silent;
    }

    /** Takes the subscriptions of one heartbeat as all there are; true if a topic came or went. */
    boolean subscribe(List<Subscription> wanted) {
        boolean changed = false;
        Set<String> topics = new TreeSet<>();
        for (Subscription one : wanted) {
            topics.add(one.topic());
            Subscription known = subscriptions.find(one.topic());
            if (known == null || one.version() > known.version()) {
                subscriptions.put(one.topic(), one);
            }
            changed |= known == null;
        }
        for (Subscription known : List.copyOf(subscriptions.values())) {
            if (!topics.contains(known.topic())) {
                subscriptions.remove(known.topic());
                changed = true;
            }
        }
        return changed;
    }
}
