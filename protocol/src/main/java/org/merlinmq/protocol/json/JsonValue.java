package org.merlinmq.protocol.json;

import java.util.List;

/** One JSON value. {@link JsonObject} has what code that reads bodies needs. */
public sealed interface JsonValue
        permits JsonValue.Literal, JsonValue.Whole, JsonValue.Fraction, JsonValue.Text, JsonValue.Array, JsonObject {
    /** {@code null}, {@code true} or {@code false}. */
    enum Literal implements JsonValue {
        /** The null of JSON. */
        NULL,
        /** True. */
        TRUE,
        /** False. */
        FALSE
    }

    /**
     * A whole number that fits 64 bits.
     *
     * @param value the number
     */
    record Whole(long value) implements JsonValue {}

    /**
     * Any other number, kept as it is written.
     *
     * @param text its characters
     */
    record Fraction(String text) implements JsonValue {
        /** The nearest double. */
        public double value() {
            return Double.parseDouble(text);
        }
    }

    /**
     * A string.
     *
     * @param value its text
     */
    record Text(String value) implements JsonValue {}

    /**
     * An array.
     *
     * @param values its values in order
     */
    record Array(List<JsonValue> values) implements JsonValue {}

    /**
     * What this value is, for sentences.
     *
     * @return a short noun with the value if it is short
     */
    default String described() {
        if (this instanceof Literal literal) {
            return literal.name().toLowerCase(java.util.Locale.ROOT);
        } else if (this instanceof Whole whole) {
            return "the number " + whole.value();
        } else if (this instanceof Fraction fraction) {
            return "the number " + fraction.text();
        } else if (this instanceof Text text) {
            String value = text.value();
            return '"' + (value.length() > 40 ? value.substring(0, 40) + "…" : value) + '"';
        }
        return this instanceof Array ? "an array" : "an object";
    }
}
