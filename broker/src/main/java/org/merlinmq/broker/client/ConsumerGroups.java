package org.merlinmq.broker.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.group.NameTable;
import org.merlinmq.broker.subscription.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The consumer groups that have clients connected, by their heartbeats, unregistrations and closed connections.
 *
 * <p>When the members or the topics of a group change, all its members must rebalance, including the one that caused the
 * change. {@code changed} notifies them; it is called outside the monitor.
 *
 * <p>Threading: any thread. Changes under this object's monitor; look-ups without a lock and, by bytes, without
 * garbage.
 */
public final class ConsumerGroups {
    /** A client that is not heard of for this long is taken as gone. */
    public static final long EXPIRY_MILLIS = 120_000;

    /** How much of an expression stands in the log. */
    private static final int MAX_SHOWN = 200;

    private static final Logger LOG = LoggerFactory.getLogger(ConsumerGroups.class);

    private final LongSupplier nowMillis;
    private final Consumer<ConsumerGroup> changed;
    private final List<Consumer<ConsumerGroup>> heartbeats = new CopyOnWriteArrayList<>();
    private final NameTable<ConsumerGroup> groups = new NameTable<>();
    private final Map<Channel, Set<ConsumerGroup>> byChannel = new HashMap<>();

    /**
     * Nobody is connected.
     *
     * @param nowMillis the clock
     * @param changed notifies the members of a group; must not block
     */
    public ConsumerGroups(LongSupplier nowMillis, Consumer<ConsumerGroup> changed) {
        this.nowMillis = nowMillis;
        this.changed = changed;
    }

    /**
     * Hears of each heartbeat of a consumer group, changed or not, after what it says can be found here.
     *
     * @param listener is given the group; called on the heartbeat's thread, must not block
     */
    public void onHeartbeat(Consumer<ConsumerGroup> listener) {
        heartbeats.add(listener);
    }

    /**
     * A group with clients, by the bytes of its name.
     *
     * @param name where the name stands
     * @param at its first byte
     * @param length its length
     * @return null if nobody of it is connected
     */
    public @Nullable ConsumerGroup find(byte[] name, int at, int length) {
        return groups.find(name, at, length);
    }

    /**
     * A group with clients.
     *
     * @param name its name
     * @return null if nobody of it is connected
     */
    public @Nullable ConsumerGroup find(String name) {
        return groups.find(name);
    }

    /**
     * Whether a client takes part in a group.
     *
     * @param group the group
     * @param clientId the client's own id
     * @return true while it has a connection there
     */
    public boolean isConnected(String group, String clientId) {
        ConsumerGroup found = groups.find(group);
        return found != null && found.member(clientId) != null;
    }

    /** All groups with clients, in no order. */
    public Collection<ConsumerGroup> all() {
        return groups.values();
    }

    /**
     * The groups that subscribe to a topic.
     *
     * @param topic the topic
     * @return their names
     */
    public List<String> subscribersOf(String topic) {
        List<String> found = new ArrayList<>();
        for (ConsumerGroup group : groups.values()) {
            if (group.subscription(topic) != null) {
                found.add(group.name());
            }
        }
        return found;
    }

    /**
     * One consumer group of a heartbeat.
     *
     * @param name the group
     * @param client the connection and its client
     * @param settings how it consumes
     * @param subscriptions all that the client subscribes to now, or null if the heartbeat left them out
     * @return true if members or topics changed, so that the members were notified
     */
    public boolean heartbeat(
            String name,
            Client client,
            ConsumerGroup.ConsumeSettings settings,
            @Nullable List<Subscription> subscriptions) {
        ConsumerGroup group;
        boolean news;
        List<Member> sharing;
        List<DifferingSubscriptions> differing = new ArrayList<>();
        synchronized (this) {
            group = groups.findOrAdd(name, made -> new ConsumerGroup(made, settings));
            Member now = client.asMember(name, nowMillis.getAsLong());
            news = group.seen(now, settings);
            Set<String> topics = group.subscribe(client.channel(), subscriptions);
            if (news) {
                client.channel().session().joined(now.subscriptions());
                // All, since another client id may have used the connection before.
                topics = new TreeSet<>(topics);
                topics.addAll(group.subscriptions().keySet());
            }
            news |= sumUp(group, topics, differing);
            byChannel.computeIfAbsent(client.channel(), made -> new HashSet<>()).add(group);
            sharing = group.newlySharing(client.channel());
        }
        if (!sharing.isEmpty()) {
            clientIdShared(name, sharing.getFirst(), sharing.getLast());
        }
        differing.forEach(one -> subscriptionsDiffer(name, one));
        if (news) {
            changed.accept(group);
        }
        for (Consumer<ConsumerGroup> listener : heartbeats) {
            listener.accept(group);
        }
        return news;
    }

    /** Returns whether a topic came or went; adds to {@code differing} where members have come to differ. */
    private static boolean sumUp(ConsumerGroup group, Set<String> topics, List<DifferingSubscriptions> differing) {
        boolean news = false;
        for (String topic : topics) {
            ConsumerGroup.Outcome outcome = group.sumUp(topic);
            news |= outcome.cameOrWent();
            DifferingSubscriptions newly = outcome.newlyDiffering();
            if (newly != null) {
                differing.add(newly);
            }
        }
        return news;
    }

    private static void subscriptionsDiffer(String group, DifferingSubscriptions of) {
        LOG.warn(
                "subscriptions-differ group={} topic={} client={} {}=\"{}\" other={} {}=\"{}\" effect=\"each is served by its"
                        + " own; a message that only one of them takes is consumed if it lies in one of its queues\""
                        + " cure=\"give all clients of the group the same subscription, or another group\"",
                group,
                of.topic(),
                of.one().clientId(),
                of.ones().expressionType(),
                shown(of.ones()),
                of.other().clientId(),
                of.others().expressionType(),
                shown(of.others()));
    }

    private static String shown(Subscription subscription) {
        String text = subscription.expression();
        return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
    }

    private static void clientIdShared(String group, Member one, Member other) {
        LOG.warn(
                "client-id-shared group={} client-id={} connections={},{} effect=\"both consume the same queues, so messages"
                        + " are consumed twice and other queues by nobody\" cure=\"give each client an instance name of its"
                        + " own\"",
                group,
                one.clientId(),
                one.channel().address(),
                other.channel().address());
    }

    /**
     * Who speaks through a connection.
     *
     * @param channel the connection
     * @param clientId the client's own id
     * @param language the protocol's number of its language
     * @param version its version ordinal
     */
    public record Client(Channel channel, String clientId, int language, int version) {
        Member asMember(long nowMillis) {
            return asMember("", nowMillis);
        }

        Member asMember(String group, long nowMillis) {
            return new Member(group, channel, clientId, language, version, nowMillis);
        }
    }

    /**
     * A client leaves a group.
     *
     * @param name the group
     * @param channel the client's connection
     */
    public void unregister(String name, Channel channel) {
        ConsumerGroup group;
        synchronized (this) {
            group = groups.find(name);
            if (group == null || !leave(group, channel)) {
                return;
            }
        }
        changed.accept(group);
    }

    /**
     * A connection was closed: its client leaves all its groups.
     *
     * @param channel the connection
     */
    public void closed(Channel channel) {
        List<ConsumerGroup> left = new ArrayList<>();
        synchronized (this) {
            for (ConsumerGroup group : List.copyOf(byChannel.getOrDefault(channel, Set.of()))) {
                if (leave(group, channel)) {
                    left.add(group);
                }
            }
        }
        left.forEach(changed);
    }

    /**
     * Takes out the clients that were silent for {@link #EXPIRY_MILLIS} and closes their connections.
     *
     * @return true if clients remain, so that this is to be called again
     */
    public boolean expire() {
        long since = nowMillis.getAsLong() - EXPIRY_MILLIS;
        List<Member> silent = new ArrayList<>();
        for (ConsumerGroup group : groups.values()) {
            silent.addAll(group.silentSince(since));
        }
        for (Member member : silent) {
            closed(member.channel());
            member.channel().close("no heartbeat for " + EXPIRY_MILLIS / 1000 + " s from " + member.clientId());
        }
        return groups.size() > 0;
    }

    private boolean leave(ConsumerGroup group, Channel channel) {
        Set<String> topics = group.topicsOf(channel);
        if (group.remove(channel) == null) {
            return false;
        }
        channel.session().left(group.name());
        topics.forEach(group::sumUp);
        if (group.isEmpty()) {
            groups.remove(group.name());
        }
        Set<ConsumerGroup> of = byChannel.get(channel);
        if (of != null && of.remove(group) && of.isEmpty()) {
            byChannel.remove(channel);
        }
        return true;
    }
}
