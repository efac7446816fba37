package org.merlinmq.broker.group;

/**
 * The types of the state log's records on groups and offsets, and on the taking over of a RocketMQ store. A type's number
 * and form never change; a new form is a new type.
 *
 * <p>Format: docs/formats/state.md.
 */
public final class StateTypes {
    /** A subscription group, as the JSON object of request 200. */
    public static final int GROUP = 20;

    /** A subscription group is gone: its name in UTF-8. */
    public static final int GROUP_REMOVED = 21;

    /** A message request mode, as the JSON object of request 401. */
    public static final int REQUEST_MODE = 22;

    /** Whether a group may read a topic, as the JSON object of request 353. */
    public static final int FORBIDDEN = 23;

    /** Committed offsets: a batch of {@code group, topic, queueId, queueOffset}. */
    public static final int OFFSETS = 30;

    /** Resets that wait for the next pull; the same form, offset −1 where one is done. */
    public static final int RESETS = 31;

    /** A group's offsets are gone: its name in UTF-8. */
    public static final int GROUP_OFFSETS_REMOVED = 32;

    /** A topic's offsets are gone: its name in UTF-8. */
    public static final int TOPIC_OFFSETS_REMOVED = 33;

    /**
     * The tables of a RocketMQ store are being taken over; no bytes. The snapshot that ends it leaves this out: where it
     * is found, a crash came between, and all is taken over again.
     */
    public static final int TAKING_OVER = 40;

    private StateTypes() {}
}
