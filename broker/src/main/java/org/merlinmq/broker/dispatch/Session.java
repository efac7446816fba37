package org.merlinmq.broker.dispatch;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.filter.ByteTable;
import org.merlinmq.broker.subscription.ClientSubscriptions;
import org.merlinmq.transport.Connection;

/**
 * What the broker knows of the client at the other end of one connection: its address in the form that records hold, and
 * what its heartbeats said of it.
 *
 * <p>Threading: any thread; heartbeats change it.
 */
public final class Session {
    private record Memberships(ByteTable groups, List<ClientSubscriptions> subscriptions) {}

    private static final Memberships NONE = new Memberships(ByteTable.EMPTY, List.of());

    private final byte[] host;
    private final int port;
    private final Set<String> groups = ConcurrentHashMap.newKeySet();
    private volatile @Nullable String clientId;
    private volatile int language;
    private volatile int version;
    private volatile Memberships memberships = NONE;

    /**
     * The session of a client that has said nothing of itself yet.
     *
     * @param address the client's end of the connection
     */
    public Session(InetSocketAddress address) {
        host = address.getAddress().getAddress();
        port = address.getPort();
    }

    /**
     * The session of a connection.
     *
     * @param connection one that the dispatcher has seen opened
     * @return its session
     */
    public static Session of(Connection connection) {
        if (connection.attachment() instanceof Session session) {
            return session;
        }
        throw new IllegalStateException("the connection " + connection + " was never opened");
    }

    /** The address: 4 or 16 bytes; not to be changed. */
    public byte[] host() {
        return host;
    }

    /** The port: 1 to 65535. */
    public int port() {
        return port;
    }

    /**
     * Notes what a heartbeat says of its sender.
     *
     * @param id the client's own id
     * @param languageNumber the protocol's number of its language
     * @param versionOrdinal its version ordinal
     * @param memberOf the producer and consumer groups that it names
     */
    public void heartbeat(String id, int languageNumber, int versionOrdinal, Set<String> memberOf) {
        clientId = id;
        language = languageNumber;
        version = versionOrdinal;
        groups.addAll(memberOf);
        groups.retainAll(memberOf);
    }

    /** The id that the client gave itself; null before its first heartbeat. */
    public @Nullable String clientId() {
        return clientId;
    }

    /** The protocol's number of the client's language; 0 before its first heartbeat. */
    public int language() {
        return language;
    }

    /** The ordinal of the client's version; 0 before its first heartbeat. */
    public int version() {
        return version;
    }

    /** The producer and consumer groups that the client named in its last heartbeat. */
    public Set<String> groups() {
        return Set.copyOf(groups);
    }

    /**
     * What the client at this connection subscribes to in a consumer group, by the bytes of its name. No lock, no garbage.
     *
     * @param group where the name stands
     * @param at its first byte
     * @param length its length
     * @return null if no heartbeat on this connection named the group
     */
    public @Nullable ClientSubscriptions subscriptions(byte[] group, int at, int length) {
        Memberships now = memberships;
        int number = now.groups.find(group, at, length);
        return number < 0 ? null : now.subscriptions.get(number);
    }

    /**
     * The client has joined a consumer group on this connection.
     *
     * @param subscriptions what it subscribes to there
     */
    public synchronized void joined(ClientSubscriptions subscriptions) {
        List<ClientSubscriptions> next = without(subscriptions.group());
        next.add(subscriptions);
        set(next);
    }

    /**
     * The client has left a consumer group.
     *
     * @param group the group's name
     */
    public synchronized void left(String group) {
        set(without(group));
    }

    private List<ClientSubscriptions> without(String group) {
        List<ClientSubscriptions> rest = new ArrayList<>(memberships.subscriptions);
        rest.removeIf(one -> one.group().equals(group));
        return rest;
    }

    private void set(List<ClientSubscriptions> next) {
        memberships = next.isEmpty()
                ? NONE
                : new Memberships(
                        ByteTable.of(
                                next.stream().map(ClientSubscriptions::group).toList()),
                        List.copyOf(next));
    }
}
