package org.merlinmq.broker.pull;

/**
 * What somebody forbade when a pull is refused with NO_PERMISSION.
 *
 * <p>Source: RocketMQ 5.5.0.
 */
public enum Forbidden {
    /** The refusal has another reason. */
    NOTHING(0),
    /** Pulls from this broker. */
    BROKER(1),
    /** Consumption by the group. */
    GROUP(2),
    /** Reading the topic. */
    TOPIC(3),
    /** Broadcasting by the group. */
    BROADCASTING(4),
    /** Reading the topic by the group. */
    SUBSCRIPTION(5);

    private final int number;

    Forbidden(int number) {
        this.number = number;
    }

    /** The answer's {@code forbiddenType}. */
    int number() {
        return number;
    }
}
