package org.merlinmq.protocol.body;

/** How a consumer gets messages. */
public enum ConsumeType {
    /** The application pulls. */
    CONSUME_ACTIVELY,
    /** The client pulls and calls the application. */
    CONSUME_PASSIVELY,
    /** The client pops. */
    CONSUME_POP
}
