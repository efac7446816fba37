package org.merlinmq.protocol.frame;

import org.jspecify.annotations.Nullable;

/**
 * The named text fields of a header. All request and reply records read from it.
 *
 * <p>Errors: a required field that is missing, or any field that cannot be read as asked, throws {@link FieldException}
 * naming it.
 */
public interface Fields {
    /**
     * Finds a field.
     *
     * @param name its name
     * @return its text; null if it is absent
     */
    @Nullable String text(String name);

    /**
     * Reads a text that must be there.
     *
     * @param name the field
     * @return its text
     */
    default String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw FieldException.missing(name);
        }
        return text;
    }

    /**
     * Reads a text that may be absent.
     *
     * @param name the field
     * @param absent what is returned then
     * @return its text
     */
    default String textOr(String name, String absent) {
        String text = text(name);
        return text == null ? absent : text;
    }

    /**
     * Reads a number that must be there.
     *
     * @param name the field
     * @return the number
     */
    default int requiredInt(String name) {
        return FieldNumbers.intValue(name, requiredText(name));
    }

    /**
     * Reads a number that must be there.
     *
     * @param name the field
     * @return the number
     */
    default long requiredLong(String name) {
        return FieldNumbers.longValue(name, requiredText(name));
    }

    /**
     * Reads a number that may be absent.
     *
     * @param name the field
     * @param absent what is returned then
     * @return the number
     */
    default int intOr(String name, int absent) {
        String text = text(name);
        return text == null ? absent : FieldNumbers.intValue(name, text);
    }

    /**
     * Reads a number that may be absent.
     *
     * @param name the field
     * @param absent what is returned then
     * @return the number
     */
    default long longOr(String name, long absent) {
        String text = text(name);
        return text == null ? absent : FieldNumbers.longValue(name, text);
    }

    /**
     * Reads a truth value: "true" in any case is true, any other text is false.
     *
     * @param name the field
     * @param absent what is returned if there is none
     * @return the truth value
     */
    default boolean flagOr(String name, boolean absent) {
        String text = text(name);
        return text == null ? absent : Boolean.parseBoolean(text);
    }

    /**
     * Reads a number that may be absent.
     *
     * @param name the field
     * @return the number; null if absent
     */
    default @Nullable Integer optionalInt(String name) {
        String text = text(name);
        return text == null ? null : FieldNumbers.intValue(name, text);
    }

    /**
     * Reads a number that may be absent.
     *
     * @param name the field
     * @return the number; null if absent
     */
    default @Nullable Long optionalLong(String name) {
        String text = text(name);
        return text == null ? null : FieldNumbers.longValue(name, text);
    }

    /**
     * Reads a truth value that may be absent.
     *
     * @param name the field
     * @return the truth value; null if absent
     */
    default @Nullable Boolean optionalFlag(String name) {
        String text = text(name);
        return text == null ? null : Boolean.valueOf(Boolean.parseBoolean(text));
    }
}
