package org.merlinmq.broker.state;

import java.nio.ByteBuffer;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.state.StateChange;

/**
 * The types of the entries that make up this broker's state, and how their keys are made of names. A type's number and
 * form never change; a new form is a new type.
 *
 * <p>Format: docs/formats/state.md.
 */
public final class StateTypes {
    /** A topic by its name: its configuration. Without it the topic's queues have ended. */
    public static final int TOPIC = StateChange.TOPIC;

    /** The version of the table of topics, under the empty key. */
    public static final int TOPICS_VERSION = 2;

    /** A subscription group by its name: the JSON object of request 200. */
    public static final int GROUP = 20;

    /** How a group asks for a topic's messages, by topic and group: the JSON object of request 401. */
    public static final int REQUEST_MODE = 22;

    /** That a group may not read a topic, by group and topic: no bytes. */
    public static final int FORBIDDEN = 23;

    /** Which client owns a queue, as an orderly group locks it, by group, topic, broker and queue: the client's id. */
    public static final int QUEUE_OWNER = 24;

    /** Committed offsets of a block of queues, by group, topic and block. */
    public static final int OFFSETS = 30;

    /** Resets that wait for the next pull, in the same form. */
    public static final int RESETS = 31;

    /**
     * That a group read a topic which was deleted, by group and topic: how many queues in 4 bytes. Gone once the group has
     * begun with a topic of that name again.
     */
    public static final int FORMER_READER = 32;

    /**
     * Another broker's tables, or this one's of a former format, are being imported, under the empty key; no bytes. The
     * last change of the import removes it: where it is found, a crash came between, and all is imported again.
     */
    public static final int IMPORTING = 40;

    /** The key of what there is one of. */
    public static final byte[] NO_NAME = {};

    private StateTypes() {}

    /**
     * The key of what is named by one name.
     *
     * @param name the name
     * @return the name in UTF-8
     */
    public static byte[] key(String name) {
        return Bytes.utf8(name);
    }

    /**
     * The key of what is named by two names.
     *
     * @param first a name
     * @param second a name
     * @return each with its length in two bytes before it
     */
    public static byte[] key(String first, String second) {
        return names(first, second).toByteArray();
    }

    /**
     * The key of a block of queues.
     *
     * @param group a group
     * @param topic a topic
     * @param block number of the block
     * @return both names, then the block in two bytes
     */
    public static byte[] key(String group, String topic, int block) {
        return names(group, topic).putShort(block).toByteArray();
    }

    /**
     * The key of a queue in a group.
     *
     * @param group a group
     * @param topic a topic
     * @param broker the name of a broker group
     * @param queueId the number of a queue
     * @return the three names, then the queue in four bytes
     */
    public static byte[] key(String group, String topic, String broker, int queueId) {
        return names(group, topic, broker).putInt(queueId).toByteArray();
    }

    private static ByteWriter names(String... all) {
        ByteWriter out = new ByteWriter(64);
        for (String name : all) {
            byte[] utf8 = Bytes.utf8(name);
            out.putShort(utf8.length).put(utf8);
        }
        return out;
    }

    /**
     * Reads a name out of a key.
     *
     * @param key positioned at the name's length; behind the name when this returns
     * @return the name
     */
    public static String name(ByteBuffer key) {
        byte[] utf8 = new byte[Short.toUnsignedInt(key.getShort())];
        key.get(utf8);
        return Bytes.text(utf8, 0, utf8.length);
    }
}
