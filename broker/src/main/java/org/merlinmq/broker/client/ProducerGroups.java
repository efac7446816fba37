package org.merlinmq.broker.client;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The producers that are connected, by group.
 *
 * <p>Threading: any thread, under this object's monitor.
 */
public final class ProducerGroups {
    private final LongSupplier nowMillis;
    private final Map<String, Map<Channel, Member>> groups = new HashMap<>();
    private final Map<Channel, Set<String>> byChannel = new HashMap<>();
    /** The connections of each client id, the newest last, and in how many groups each is. */
    private final Map<String, Map<Channel, Integer>> byClient = new HashMap<>();

    /**
     * Nobody is connected.
     *
     * @param nowMillis the clock
     */
    public ProducerGroups(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    /**
     * One producer group of a heartbeat.
     *
     * @param group the group
     * @param client the connection and its client
     */
    public synchronized void heartbeat(String group, ConsumerGroups.Client client) {
        Member now = client.asMember(nowMillis.getAsLong());
        Member before =
                groups.computeIfAbsent(group, made -> new LinkedHashMap<>()).put(client.channel(), now);
        byClient.computeIfAbsent(now.clientId(), made -> new LinkedHashMap<>()).merge(now.channel(), 1, Integer::sum);
        if (before != null) {
            forget(before);
        }
        byChannel.computeIfAbsent(client.channel(), made -> new HashSet<>()).add(group);
    }

    /**
     * A client leaves a group.
     *
     * @param group the group
     * @param channel its connection
     */
    public synchronized void unregister(String group, Channel channel) {
        Map<Channel, Member> members = groups.get(group);
        Member left = members == null ? null : members.remove(channel);
        if (members == null || left == null) {
            return;
        }
        forget(left);
        if (members.isEmpty()) {
            groups.remove(group);
        }
        Set<String> of = byChannel.get(channel);
        if (of != null && of.remove(group) && of.isEmpty()) {
            byChannel.remove(channel);
        }
    }

    private void forget(Member member) {
        Map<Channel, Integer> channels = byClient.get(member.clientId());
        if (channels != null) {
            channels.computeIfPresent(member.channel(), (channel, count) -> count == 1 ? null : count - 1);
            if (channels.isEmpty()) {
                byClient.remove(member.clientId());
            }
        }
    }

    /**
     * Where a producer is.
     *
     * @param clientId the id that the client gave itself
     * @return its newest open connection, or null if it has none
     */
    public synchronized @Nullable Channel channel(String clientId) {
        Channel newest = null;
        for (Channel channel : byClient.getOrDefault(clientId, Map.of()).keySet()) {
            newest = channel.isOpen() ? channel : newest;
        }
        return newest;
    }

    /**
     * A connection was closed: its client leaves all its groups.
     *
     * @param channel the connection
     */
    public synchronized void closed(Channel channel) {
        for (String group : List.copyOf(byChannel.getOrDefault(channel, Set.of()))) {
            unregister(group, channel);
        }
    }

    /**
     * Takes out the clients that were silent for {@link ConsumerGroups#EXPIRY_MILLIS}. Their connections stay: the same
     * client may consume through them.
     *
     * @return true if clients remain, so that this is to be called again
     */
    public synchronized boolean expire() {
        long since = nowMillis.getAsLong() - ConsumerGroups.EXPIRY_MILLIS;
        for (Map.Entry<String, Map<Channel, Member>> group : List.copyOf(new TreeMap<>(groups).entrySet())) {
            for (Member member : List.copyOf(group.getValue().values())) {
                if (member.seenMillis() < since) {
                    unregister(group.getKey(), member.channel());
                }
            }
        }
        return !groups.isEmpty();
    }

    /**
     * Who is in a group.
     *
     * @param group the group
     * @return its members; empty if none is connected
     */
    public synchronized Collection<Member> members(String group) {
        Map<Channel, Member> members = groups.get(group);
        return members == null ? List.of() : List.copyOf(members.values());
    }

    /**
     * All producers.
     *
     * @return members by group, sorted
     */
    public synchronized Map<String, List<Member>> all() {
        Map<String, List<Member>> all = new TreeMap<>();
        groups.forEach((group, members) -> all.put(group, List.copyOf(members.values())));
        return all;
    }
}
