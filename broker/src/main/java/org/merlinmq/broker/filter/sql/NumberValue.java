package org.merlinmq.broker.filter.sql;

/**
 * A number that stands in an expression. Its type decides how a property is read that it is compared with: a property
 * {@code 5.5} is no whole number, and one beyond 32 bits is none for a literal of 32 bits.
 *
 * @param type its Java type
 * @param whole the value of {@link Type#INT} and {@link Type#LONG}
 * @param real the value as a decimal number
 * @param signed whether a minus sign stands before it: then it is no literal to the checks of the grammar
 */
record NumberValue(Type type, long whole, double real, boolean signed) implements Term {
    /** Types of numbers. */
    enum Type {
        INT,
        LONG,
        DOUBLE
    }

    static NumberValue whole(long value) {
        return new NumberValue(value == (int) value ? Type.INT : Type.LONG, value, value, false);
    }

    static NumberValue real(double value) {
        return new NumberValue(Type.DOUBLE, 0, value, false);
    }

    NumberValue negated() {
        long negative = type == Type.INT ? (int) -whole : -whole;
        return new NumberValue(type, negative, type == Type.DOUBLE ? -real : negative, true);
    }

    /** The sign of the difference to another number. */
    int compare(NumberValue other) {
        return type == Type.DOUBLE || other.type == Type.DOUBLE
                ? Double.compare(real, other.real)
                : Long.compare(whole, other.whole);
    }

    /** The sign of the difference of a text, read as this one's type, to this number; or {@link Comparison#NONE}. */
    int compareText(byte[] b, int at, int length) {
        return switch (type) {
            case INT -> {
                long value = NumberText.readInt(b, at, length);
                yield value == NumberText.NO_INT ? Comparison.NONE : Long.compare(value, whole);
            }
            case LONG -> NumberText.compareLong(b, at, length, whole);
            case DOUBLE ->
                NumberText.isDouble(b, at, length)
                        ? Double.compare(NumberText.readDouble(b, at, length), real)
                        : Comparison.NONE;
        };
    }

    /** As {@link #compareText(byte[], int, int)}, of a literal; an empty one is no number. */
    int compareText(byte[] text) {
        return text.length == 0 ? Comparison.NONE : compareText(text, 0, text.length);
    }

    @Override
    public String toString() {
        return type == Type.DOUBLE ? Double.toString(real) : Long.toString(whole);
    }
}
