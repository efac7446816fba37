package org.merlinmq.protocol.json;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Writes JSON into a {@link ByteWriter}, commas and colons included.
 *
 * <p>Nulls are left out, number keys are quoted (every parser takes that), object keys are written raw (the oldest
 * clients take only that): begin an object where a key is due. Callers write fields in alphabetical order, as RocketMQ
 * does.
 *
 * <p>Threading: one thread at a time.
 *
 * <p>Errors: a call that does not fit the place (a bare value where a key is due, a wrong bracket) is a bug and throws
 * {@link IllegalStateException}.
 */
public final class JsonWriter {
    /** What may follow in a container. */
    private enum Place {
        ARRAY_START,
        ARRAY,
        OBJECT_START,
        OBJECT,
        AFTER_COLON,
        END
    }

    private final ByteWriter out;
    private final Place[] places = new Place[JsonLimits.MAX_DEPTH + 3];
    private int depth;

    /** Writes into a sink of its own. */
    public JsonWriter() {
        this(new ByteWriter());
    }

    /**
     * Appends to a sink.
     *
     * @param out where the text goes
     */
    @SuppressWarnings("exports") // for the frame package: applications do not see ByteWriter
    public JsonWriter(ByteWriter out) {
        this.out = out;
        this.places[0] = Place.AFTER_COLON;
    }

    /** A copy of all bytes of the sink. */
    public byte[] toByteArray() {
        return out.toByteArray();
    }

    /** All bytes of the sink as a text. */
    public String toText() {
        return Bytes.text(out.array(), 0, out.length());
    }

    /** Opens an object; where a key is due, the object becomes the key. */
    public JsonWriter beginObject() {
        return open('{', Place.OBJECT_START);
    }

    /** Opens an array. */
    public JsonWriter beginArray() {
        return open('[', Place.ARRAY_START);
    }

    private JsonWriter open(char bracket, Place place) {
        before(place == Place.OBJECT_START);
        out.putByte(bracket);
        places[++depth] = place;
        return this;
    }

    /** Closes the object. */
    public JsonWriter endObject() {
        return close('}', Place.OBJECT_START, Place.OBJECT);
    }

    /** Closes the array. */
    public JsonWriter endArray() {
        return close(']', Place.ARRAY_START, Place.ARRAY);
    }

    private JsonWriter close(char bracket, Place empty, Place filled) {
        if (places[depth] != empty && places[depth] != filled) {
            throw new IllegalStateException("cannot close with " + bracket + " at " + places[depth]);
        }
        out.putByte(bracket);
        depth--;
        after();
        return this;
    }

    /** Writes the comma that is due; {@code key} is whether what follows may be a key. */
    private void before(boolean key) {
        switch (places[depth]) {
            case ARRAY, OBJECT -> out.putByte(',');
            case END -> throw new IllegalStateException("the value is complete");
            default -> {}
        }
        if (!key && (places[depth] == Place.OBJECT || places[depth] == Place.OBJECT_START)) {
            throw new IllegalStateException("a key is due");
        }
    }

    private void after() {
        switch (places[depth]) {
            case ARRAY_START, ARRAY -> places[depth] = Place.ARRAY;
            case AFTER_COLON -> places[depth] = depth == 0 ? Place.END : Place.OBJECT;
            default -> {
                out.putByte(':');
                places[depth] = Place.AFTER_COLON;
            }
        }
    }

    /**
     * Writes a key.
     *
     * @param name the key
     * @return this
     */
    public JsonWriter key(String name) {
        if (places[depth] != Place.OBJECT && places[depth] != Place.OBJECT_START) {
            throw new IllegalStateException("no key is due at " + places[depth]);
        }
        before(true);
        JsonText.write(out, name);
        after();
        return this;
    }

    /**
     * Writes a number as key, quoted.
     *
     * @param number the key
     * @return this
     */
    public JsonWriter key(long number) {
        return key(Long.toString(number));
    }

    /**
     * Writes a text.
     *
     * @param text the text
     * @return this
     */
    public JsonWriter value(String text) {
        before(false);
        JsonText.write(out, text);
        after();
        return this;
    }

    /**
     * Writes a whole number.
     *
     * @param number the number
     * @return this
     */
    public JsonWriter value(long number) {
        before(false);
        out.putDecimal(number);
        after();
        return this;
    }

    /**
     * Writes a number; one that is not finite becomes 0, since JSON has no word for it.
     *
     * @param number the number
     * @return this
     */
    public JsonWriter value(double number) {
        before(false);
        out.putAscii(Double.toString(Double.isFinite(number) ? number : 0));
        after();
        return this;
    }

    /**
     * Writes a truth value.
     *
     * @param truth the value
     * @return this
     */
    public JsonWriter value(boolean truth) {
        return literal(truth ? "true" : "false");
    }

    private JsonWriter literal(String word) {
        before(false);
        out.putAscii(word);
        after();
        return this;
    }

    /**
     * Writes a value that was read or built.
     *
     * @param value the value
     * @return this
     */
    public JsonWriter value(JsonValue value) {
        if (value instanceof JsonObject object) {
            beginObject();
            for (JsonObject.Member member : object.members()) {
                if (member.key() instanceof JsonObject key) {
                    value(key);
                } else {
                    key(member.name());
                }
                value(member.value());
            }
            return endObject();
        } else if (value instanceof JsonValue.Array array) {
            beginArray();
            array.values().forEach(this::value);
            return endArray();
        } else if (value instanceof JsonValue.Text text) {
            return value(text.value());
        } else if (value instanceof JsonValue.Whole whole) {
            return value(whole.value());
        } else if (value instanceof JsonValue.Fraction fraction) {
            return literal(fraction.text());
        }
        return literal(value.described());
    }

    /**
     * Writes a field unless its value is null.
     *
     * @param name the key
     * @param text the value
     * @return this
     */
    public JsonWriter field(String name, @Nullable String text) {
        return text == null ? this : key(name).value(text);
    }

    /**
     * Writes a field.
     *
     * @param name the key
     * @param number the value
     * @return this
     */
    public JsonWriter field(String name, long number) {
        return key(name).value(number);
    }

    /**
     * Writes a field.
     *
     * @param name the key
     * @param number the value
     * @return this
     */
    public JsonWriter field(String name, double number) {
        return key(name).value(number);
    }

    /**
     * Writes a field.
     *
     * @param name the key
     * @param truth the value
     * @return this
     */
    public JsonWriter field(String name, boolean truth) {
        return key(name).value(truth);
    }

    /**
     * Writes an array of texts.
     *
     * @param name the key
     * @param texts the values
     * @return this
     */
    public JsonWriter field(String name, Collection<String> texts) {
        key(name).beginArray();
        texts.forEach(this::value);
        return endArray();
    }

    /**
     * Writes an object of texts.
     *
     * @param name the key
     * @param texts the fields
     * @return this
     */
    public JsonWriter field(String name, Map<String, String> texts) {
        key(name).beginObject();
        texts.forEach(this::field);
        return endObject();
    }
}
