package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonException;

/** Whether the members of a group share the messages. */
public enum MessageModel {
    /** Each member gets all. */
    BROADCASTING,
    /** Each message goes to one member. */
    CLUSTERING,
    /** Members choose lite topics (5.5). */
    LITE_SELECTIVE;

    /**
     * Finds a constant.
     *
     * @param name its name
     * @return the constant
     * @throws JsonException if there is none of this name
     */
    static MessageModel named(String name) {
        for (MessageModel constant : values()) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw new JsonException("no MessageModel is called " + name);
    }
}
