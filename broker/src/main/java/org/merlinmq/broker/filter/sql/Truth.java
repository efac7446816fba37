package org.merlinmq.broker.filter.sql;

/**
 * What a condition comes to. {@code UNKNOWN} is the null of SQL: a property was missing. {@code FAILED} is an evaluation
 * that cannot go on, such as a text compared with a number: the message is not taken, whatever stands around it.
 */
enum Truth {
    TRUE,
    FALSE,
    UNKNOWN,
    FAILED;

    static Truth of(boolean holds) {
        return holds ? TRUE : FALSE;
    }

    Truth not() {
        return switch (this) {
            case TRUE -> FALSE;
            case FALSE -> TRUE;
            case UNKNOWN, FAILED -> this;
        };
    }
}
