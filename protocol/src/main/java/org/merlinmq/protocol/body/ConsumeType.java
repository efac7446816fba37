package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonException;

/** How a consumer gets messages. */
public enum ConsumeType {
    /** The application pulls. */
    CONSUME_ACTIVELY,
    /** The client pulls and calls the application. */
    CONSUME_PASSIVELY,
    /** The client pops. */
    CONSUME_POP;

    /**
     * Finds a constant.
     *
     * @param name its name
     * @return the constant
     * @throws JsonException if there is none of this name
     */
    static ConsumeType named(String name) {
        for (ConsumeType constant : values()) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw new JsonException("no ConsumeType is called " + name);
    }
}
