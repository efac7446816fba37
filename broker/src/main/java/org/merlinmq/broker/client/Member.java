package org.merlinmq.broker.client;

import org.merlinmq.broker.subscription.ClientSubscriptions;

/**
 * One client in one group: a connection and who speaks through it.
 *
 * <p>Threading: any thread; only what its heartbeats say changes: the time of the last one and the subscriptions.
 */
public final class Member {
    /** Heartbeats of one client that connects again may cross within so long. */
    private static final long OVERLAP_MILLIS = 1_000;

    private final Channel channel;
    private final String clientId;
    private final int language;
    private final int version;
    private final long joinedMillis;
    private final ClientSubscriptions subscriptions;
    private volatile long seenMillis;
    private volatile boolean sharesClientId;

    Member(String group, Channel channel, String clientId, int language, int version, long seenMillis) {
        this.channel = channel;
        this.clientId = clientId;
        this.language = language;
        this.version = version;
        this.joinedMillis = seenMillis;
        this.seenMillis = seenMillis;
        this.subscriptions = new ClientSubscriptions(group);
    }

    public Channel channel() {
        return channel;
    }

    /** The id that the client gave itself; two connections may have one id. */
    public String clientId() {
        return clientId;
    }

    /** The protocol's number of the client's language. */
    public int language() {
        return language;
    }

    /** The client's version ordinal in the protocol. */
    public int version() {
        return version;
    }

    /** What it subscribes to in this group; nothing in a group of producers. */
    public ClientSubscriptions subscriptions() {
        return subscriptions;
    }

    /** When its last heartbeat came, in milliseconds since 1970. */
    public long seenMillis() {
        return seenMillis;
    }

    /**
     * Whether another live client uses the same id: then the group's other members count both as one, and both consume the
     * same queues.
     *
     * @return true once both were seen alive at the same time
     */
    public boolean sharesClientId() {
        return sharesClientId;
    }

    /**
     * Notes another member with the same id.
     *
     * @return true if it is now known for the first time that both are alive: the one that came first sent a heartbeat
     *     after the other had joined, which the forgotten connection of a client that connected again does not do
     */
    boolean noteSameId(Member other) {
        Member earlier = joinedMillis <= other.joinedMillis ? this : other;
        Member later = earlier == this ? other : this;
        if (earlier.seenMillis - later.joinedMillis < OVERLAP_MILLIS) {
            return false;
        }
        boolean known = sharesClientId && other.sharesClientId;
        sharesClientId = true;
        other.sharesClientId = true;
        return !known;
    }

    void noLongerSharesClientId() {
        sharesClientId = false;
    }

    void seen(long nowMillis) {
        seenMillis = nowMillis;
    }
}
