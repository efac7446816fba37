package org.merlinmq.transport.dispatch;

/**
 * What a request does, and to which kind of thing: named where its handler is registered, and read by access control.
 *
 * @param resource what is touched
 * @param action what is done to it
 */
public record Access(Resource resource, Action action) {
    /** The kinds of things that can be granted. */
    public enum Resource {
        /** A topic and its messages. */
        TOPIC,
        /** A consumer or producer group, its settings and offsets. */
        GROUP,
        /** The servers themselves. */
        CLUSTER
    }

    /** What can be done to a thing. */
    public enum Action {
        /** Send messages. */
        PUB,
        /** Consume messages, with all that consumers need for it. */
        SUB,
        /** Look at one. */
        GET,
        /** Look at all. */
        LIST,
        /** Make one, or replace it. */
        CREATE,
        /** Change one. */
        UPDATE,
        /** Delete one. */
        DELETE
    }

    /**
     * An access.
     *
     * @param resource what is touched
     * @param action what is done to it
     * @return the pair
     */
    public static Access of(Resource resource, Action action) {
        return new Access(resource, action);
    }
}
