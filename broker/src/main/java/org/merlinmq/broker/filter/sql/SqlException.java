package org.merlinmq.broker.filter.sql;

/** An expression that cannot be compiled. The message is a sentence with position and cause. */
public final class SqlException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int position;

    /**
     * Makes the exception.
     *
     * @param position where the cause stands; counts characters from 1
     * @param cause what is wrong there, and the cure
     */
    SqlException(int position, String cause) {
        super("at character " + position + ": " + cause);
        this.position = position;
    }

    /** Where the cause stands; counts characters from 1. */
    public int position() {
        return position;
    }
}
