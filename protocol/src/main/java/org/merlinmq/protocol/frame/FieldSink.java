package org.merlinmq.protocol.frame;

import org.jspecify.annotations.Nullable;

/** Takes the fields of a header that is being written. */
public interface FieldSink {
    /**
     * Takes a text.
     *
     * @param name the field
     * @param value its text
     * @return this
     */
    FieldSink put(String name, String value);

    /**
     * Takes a number.
     *
     * @param name the field
     * @param value the number
     * @return this
     */
    default FieldSink put(String name, long value) {
        return put(name, Long.toString(value));
    }

    /**
     * Takes a truth value.
     *
     * @param name the field
     * @param value the truth value
     * @return this
     */
    default FieldSink put(String name, boolean value) {
        return put(name, Boolean.toString(value));
    }

    /**
     * Takes a field unless it is null.
     *
     * @param name the field
     * @param value a text, number or truth value, written by its {@code toString}; null: the field is left out
     * @return this
     */
    default FieldSink putIfPresent(String name, @Nullable Object value) {
        return value == null ? this : put(name, value.toString());
    }
}
