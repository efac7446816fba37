package org.merlinmq.broker.filter.sql;

/**
 * A part of an expression, as far as the grammar tells parts apart: what may stand where depends on it.
 *
 * <p>Threading: immutable.
 */
sealed interface Term permits NumberValue, Term.Property, Term.Text, Term.Negated, Condition {
    /** How deep what it holds is nested; 1 for what holds nothing. */
    default int depth() {
        return 1;
    }

    /**
     * A property of the message; its value is a text, or missing.
     *
     * @param number its number among the names of the expression
     * @param name its name
     */
    record Property(int number, String name) implements Term {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * A text that stands in the expression.
     *
     * @param value what it says
     * @param utf8 its bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Text(String value, byte[] utf8) implements Term {
        @Override
        public String toString() {
            return "'" + value + "'";
        }
    }

    /**
     * A minus sign before something that is no number: null, unless what it stands before fails.
     *
     * @param of what it stands before
     * @param depth how deep it is nested
     */
    record Negated(Term of, int depth) implements Term {
        static Negated of(Term term) {
            return new Negated(term, term.depth() + 1);
        }

        @Override
        public String toString() {
            return "-" + of;
        }
    }
}
