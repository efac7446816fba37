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
import org.merlinmq.broker.subscription.ClientSubscriptions;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.protocol.body.ConsumeFromWhere;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.MessageModel;

/**
 * A consumer group that has clients connected: its members and what they subscribe to. Pulls go by the subscriptions of
 * their own client; those of the group, the newest for each topic, are for administrators and for whoever pulls before its
 * client is known.
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

    /** By topic, where members differ. */
    private final Map<String, DifferingSubscriptions> differing = new ConcurrentHashMap<>();

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
     * The newest subscription of a member to a topic, by the bytes of its name.
     *
     * @param topic where the name stands
     * @param at its first byte
     * @param length its length
     * @return null if no member subscribes to it
     */
    public @Nullable Subscription subscription(byte[] topic, int at, int length) {
        return subscriptions.find(topic, at, length);
    }

    /**
     * The newest subscription of a member to a topic.
     *
     * @param topic the topic
     * @return null if no member subscribes to it
     */
    public @Nullable Subscription subscription(String topic) {
        return subscriptions.find(topic);
    }

    /**
     * The newest subscription to each topic.
     *
     * @return by topic, sorted
     */
    public Map<String, Subscription> subscriptions() {
        Map<String, Subscription> all = new TreeMap<>();
        subscriptions.values().forEach(one -> all.put(one.topic(), one));
        return all;
    }

    /**
     * The newest subscription to a topic that a client has on any of its connections.
     *
     * @param clientId the client's id
     * @param topic the topic
     * @return null if it has none
     */
    public @Nullable Subscription subscription(String clientId, String topic) {
        Subscription newest = null;
        for (Member member : members.values()) {
            if (member.clientId().equals(clientId)) {
                newest = newer(newest, member.subscriptions().find(topic));
            }
        }
        return newest;
    }

    private static @Nullable Subscription newer(@Nullable Subscription known, @Nullable Subscription other) {
        return known == null || (other != null && other.version() > known.version()) ? other : known;
    }

    /**
     * Whether members subscribe to a topic by expressions that differ.
     *
     * @param topic the topic
     * @return true if at least two do; never for a broadcasting group, whose members each see all messages
     */
    public boolean differs(String topic) {
        return differing.containsKey(topic);
    }

    /** Where members subscribe by expressions that differ, two of them for each topic; sorted by topic. */
    public Collection<DifferingSubscriptions> differingSubscriptions() {
        return new TreeMap<>(differing).values();
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

    /**
     * Takes the subscriptions of one heartbeat as all that its member has.
     *
     * @param channel the member's connection
     * @param wanted the subscriptions; null if the heartbeat left them out: they are those that are known of the client
     * @return the topics that changed for this member
     */
    Set<String> subscribe(Channel channel, @Nullable List<Subscription> wanted) {
        Member member = members.get(channel);
        if (member == null) {
            return Set.of();
        }
        ClientSubscriptions own = member.subscriptions();
        own.broadcasts(isBroadcasting());
        if (wanted != null) {
            return own.replace(wanted);
        }
        if (own.isEmpty()) {
            for (Member other : members.values()) {
                if (other.clientId().equals(member.clientId())
                        && !other.subscriptions().isEmpty()) {
                    return own.replace(other.subscriptions().all());
                }
            }
        }
        return Set.of();
    }

    /** What the members' subscriptions to a topic come to, after one of them changed. */
    record Outcome(boolean cameOrWent, @Nullable DifferingSubscriptions newlyDiffering) {}

    /** Sums up the members' subscriptions to a topic. */
    Outcome sumUp(String topic) {
        Member holder = null;
        Subscription newest = null;
        for (Member member : members.values()) {
            Subscription one = member.subscriptions().find(topic);
            if (one != null && (newest == null || one.version() > newest.version())) {
                newest = one;
                holder = member;
            }
        }
        Subscription known = subscriptions.find(topic);
        if (holder == null || newest == null) {
            subscriptions.remove(topic);
            differing.remove(topic);
            return new Outcome(known != null, null);
        }
        if (!newest.equals(known)) {
            subscriptions.put(topic, newest);
        }
        DifferingSubscriptions difference = isBroadcasting() ? null : difference(holder, newest);
        if (difference == null) {
            differing.remove(topic);
            return new Outcome(known == null, null);
        }
        return new Outcome(known == null, differing.put(topic, difference) == null ? difference : null);
    }

    private @Nullable DifferingSubscriptions difference(Member holder, Subscription newest) {
        for (Member member : members.values()) {
            String id = member.clientId();
            Subscription one = id.equals(holder.clientId())
                    ? null
                    : connectionsById.getOrDefault(id, 1) > 1
                            ? subscription(id, newest.topic())
                            : member.subscriptions().find(newest.topic());
            if (one != null && !one.sameMessages(newest)) {
                return new DifferingSubscriptions(holder, newest, member, one);
            }
        }
        return null;
    }

    /** The topics that a member subscribes to, before it leaves. */
    Set<String> topicsOf(Channel channel) {
        Set<String> topics = new TreeSet<>();
        Member member = members.get(channel);
        if (member != null) {
            member.subscriptions().all().forEach(one -> topics.add(one.topic()));
        }
        return topics;
    }
}
