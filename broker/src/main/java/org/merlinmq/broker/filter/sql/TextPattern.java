package org.merlinmq.broker.filter.sql;

import java.util.Arrays;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * A text that a property contains, begins with or ends with. Searching takes as many steps as the property has bytes,
 * whatever the two look like.
 *
 * <p>Threading: immutable.
 */
final class TextPattern {
    /** Where the text has to stand. */
    enum Place {
        ANYWHERE,
        START,
        END
    }

    private final Place place;
    private final byte[] text;

    /** For each length of a beginning of the text: how long a shorter beginning is that this one ends with. */
    private final int[] fallback;

    /**
     * A pattern.
     *
     * @param place where the text has to stand
     * @param text the text; not empty
     */
    TextPattern(Place place, byte[] text) {
        this.place = place;
        this.text = text;
        fallback = place == Place.ANYWHERE ? fallback(text) : new int[0];
    }

    private static int[] fallback(byte[] text) {
        int[] fallback = new int[text.length + 1];
        int matched = 0;
        for (int i = 1; i < text.length; i++) {
            while (matched > 0 && text[i] != text[matched]) {
                matched = fallback[matched];
            }
            if (text[i] == text[matched]) {
                matched++;
            }
            fallback[i + 1] = matched;
        }
        return fallback;
    }

    boolean matches(byte[] b, int at, int length) {
        if (length < text.length) {
            return false;
        }
        return switch (place) {
            case START -> Bytes.equals(b, at, text, 0, text.length);
            case END -> Bytes.equals(b, at + length - text.length, text, 0, text.length);
            case ANYWHERE -> contains(b, at, at + length);
        };
    }

    private boolean contains(byte[] b, int from, int to) {
        int matched = 0;
        for (int i = from; i < to; i++) {
            while (matched > 0 && b[i] != text[matched]) {
                matched = fallback[matched];
            }
            if (b[i] == text[matched] && ++matched == text.length) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return place + " " + Arrays.toString(text);
    }
}
