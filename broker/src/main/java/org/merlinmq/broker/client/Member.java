package org.merlinmq.broker.client;

/**
 * One client in one group: a connection and who speaks through it.
 *
 * <p>Threading: any thread; only the time of the last heartbeat changes.
 */
public final class Member {
    private final Channel channel;
    private final String clientId;
    private final int language;
    private final int version;
    private volatile long seenMillis;

    Member(Channel channel, String clientId, int language, int version, long seenMillis) {
        this.channel = channel;
        this.clientId = clientId;
        this.language = language;
        this.version = version;
        this.seenMillis = seenMillis;
    }

    /**
     * The way to the client.
     *
     * @return its connection
     */
    public Channel channel() {
        return channel;
    }

    /**
     * Who it is; two connections may carry one id.
     *
     * @return the id that the client gave itself
     */
    public String clientId() {
        return clientId;
    }

    /**
     * What it is written in.
     *
     * @return the protocol's number of the language
     */
    public int language() {
        return language;
    }

    /**
     * Which version it has.
     *
     * @return the protocol's version ordinal
     */
    public int version() {
        return version;
    }

    /**
     * When its last heartbeat came.
     *
     * @return milliseconds since 1970
     */
    public long seenMillis() {
        return seenMillis;
    }

    void seen(long nowMillis) {
        seenMillis = nowMillis;
    }
}
