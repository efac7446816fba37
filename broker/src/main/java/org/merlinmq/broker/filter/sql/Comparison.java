package org.merlinmq.broker.filter.sql;

/** The operators that compare. */
enum Comparison {
    EQUAL("="),
    GREATER(">"),
    GREATER_EQUAL(">="),
    LESS("<"),
    LESS_EQUAL("<=");

    /** In place of the sign of a difference: there is none, since one side is no number. */
    static final int NONE = Integer.MIN_VALUE;

    final String shown;

    Comparison(String shown) {
        this.shown = shown;
    }

    /** What it comes to for two values, by the sign of their difference or {@link #NONE}. */
    Truth of(int difference) {
        if (difference == NONE) {
            return Truth.FAILED;
        }
        return Truth.of(
                switch (this) {
                    case EQUAL -> difference == 0;
                    case GREATER -> difference > 0;
                    case GREATER_EQUAL -> difference >= 0;
                    case LESS -> difference < 0;
                    case LESS_EQUAL -> difference <= 0;
                });
    }

    /** The operator that says the same with the sides exchanged. */
    Comparison flipped() {
        return switch (this) {
            case EQUAL -> EQUAL;
            case GREATER -> LESS;
            case GREATER_EQUAL -> LESS_EQUAL;
            case LESS -> GREATER;
            case LESS_EQUAL -> GREATER_EQUAL;
        };
    }
}
