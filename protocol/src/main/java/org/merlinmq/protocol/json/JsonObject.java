package org.merlinmq.protocol.json;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object, in the wide sense of the protocol: a key is a {@link JsonValue.Text}, a bare number or an object.
 *
 * <p>The reading methods take a field by name. Null and absent are the same; of a name that occurs twice the last
 * counts.
 *
 * <p>Errors: a field of another type than asked for throws {@link JsonException} naming it.
 *
 * @param members keys and values in the order of the text
 */
public record JsonObject(List<Member> members) implements JsonValue {
    /**
     * One key with its value.
     *
     * @param key a text, a number or an object
     * @param value any value
     */
    public record Member(JsonValue key, JsonValue value) {
        /**
         * The key as text.
         *
         * @return the text, or the digits of a bare number
         * @throws JsonException if the key is an object
         */
        public String name() {
            String name = asName(key);
            if (name == null) {
                throw new JsonException("expected a name as key, found " + key.described());
            }
            return name;
        }

        /**
         * The key as object, which may be written raw or as the text of an object.
         *
         * @return the object
         * @throws JsonException if it is neither
         */
        public JsonObject keyObject() {
            if (key instanceof JsonObject object) {
                return object;
            }
            if (key instanceof Text text && text.value().startsWith("{")) {
                return JsonReader.readObject(org.merlinmq.protocol.bytes.Bytes.utf8(text.value()));
            }
            throw new JsonException("expected an object as key, found " + key.described());
        }

        /**
         * The key as number, which may be bare or quoted.
         *
         * @return the number
         * @throws JsonException if it is no whole number
         */
        public long keyNumber() {
            return whole("the key", key);
        }

        /**
         * The value as object.
         *
         * @return the object
         * @throws JsonException if it is something else
         */
        public JsonObject object() {
            return asObject("the value of " + key.described(), value);
        }

        /**
         * The value as whole number.
         *
         * @return the number
         * @throws JsonException if it is something else
         */
        public long number() {
            return whole("the value of " + key.described(), value);
        }
    }

    private static @Nullable String asName(JsonValue key) {
        if (key instanceof Text text) {
            return text.value();
        }
        return key instanceof JsonObject ? null : scalar(key);
    }

    /**
     * Finds a value.
     *
     * @param name its key
     * @return the value; null if it is absent or JSON's null
     */
    public @Nullable JsonValue value(String name) {
        for (int i = members.size() - 1; i >= 0; i--) {
            Member member = members.get(i);
            if (name.equals(asName(member.key()))) {
                return member.value() == Literal.NULL ? null : member.value();
            }
        }
        return null;
    }

    /**
     * Reads a text; numbers and booleans are taken as their text.
     *
     * @param name the key
     * @return the text; null if absent
     */
    public @Nullable String text(String name) {
        JsonValue value = value(name);
        if (value == null) {
            return null;
        }
        String text = scalar(value);
        if (text == null) {
            throw wrong(name, "a text", value);
        }
        return text;
    }

    private static @Nullable String scalar(JsonValue value) {
        if (value instanceof Text text) {
            return text.value();
        } else if (value instanceof Whole whole) {
            return Long.toString(whole.value());
        } else if (value instanceof Fraction fraction) {
            return fraction.text();
        } else if (value == Literal.TRUE || value == Literal.FALSE) {
            return value == Literal.TRUE ? "true" : "false";
        }
        return null;
    }

    /**
     * Reads a text that may be absent.
     *
     * @param name the key
     * @param absent what is returned then
     * @return the text
     */
    public String textOr(String name, String absent) {
        String text = text(name);
        return text == null ? absent : text;
    }

    /**
     * Reads a text that must be there.
     *
     * @param name the key
     * @return the text
     * @throws JsonException if it is absent
     */
    public String requiredText(String name) {
        String text = text(name);
        if (text == null) {
            throw new JsonException("field " + name + " is missing");
        }
        return text;
    }

    /**
     * Reads a whole number, bare or quoted.
     *
     * @param name the key
     * @param absent what is returned if there is none
     * @return the number
     */
    public long longOr(String name, long absent) {
        JsonValue value = value(name);
        return value == null ? absent : whole(name, value);
    }

    /**
     * Reads a whole number of 32 bits, bare or quoted.
     *
     * @param name the key
     * @param absent what is returned if there is none
     * @return the number
     */
    public int intOr(String name, int absent) {
        long value = longOr(name, absent);
        if (value != (int) value) {
            throw new JsonException("field " + name + ": expected a 32-bit number, found " + value);
        }
        return (int) value;
    }

    /**
     * Reads a number.
     *
     * @param name the key
     * @param absent what is returned if there is none
     * @return the number
     */
    public double doubleOr(String name, double absent) {
        JsonValue value = value(name);
        if (value == null) {
            return absent;
        }
        double number = value instanceof Fraction fraction ? fraction.value() : whole(name, value);
        if (!Double.isFinite(number)) {
            throw wrong(name, "a number in range", value);
        }
        return number;
    }

    /**
     * Reads a truth value, bare or quoted.
     *
     * @param name the key
     * @param absent what is returned if there is none
     * @return the truth value
     */
    public boolean booleanOr(String name, boolean absent) {
        JsonValue value = value(name);
        if (value == null) {
            return absent;
        }
        if (value == Literal.TRUE || value == Literal.FALSE) {
            return value == Literal.TRUE;
        }
        if (value instanceof Text text) {
            return Boolean.parseBoolean(text.value());
        }
        throw wrong(name, "true or false", value);
    }

    /**
     * Reads an object.
     *
     * @param name the key
     * @return the object; null if absent
     */
    public @Nullable JsonObject object(String name) {
        JsonValue value = value(name);
        return value == null ? null : asObject(name, value);
    }

    /**
     * Reads the members of an object.
     *
     * @param name the key
     * @return its members; none if it is absent
     */
    public List<Member> membersOf(String name) {
        JsonObject object = object(name);
        return object == null ? List.of() : object.members();
    }

    /**
     * Reads an array.
     *
     * @param name the key
     * @return its values; none if it is absent
     */
    public List<JsonValue> array(String name) {
        JsonValue value = value(name);
        if (value == null) {
            return List.of();
        }
        if (value instanceof Array array) {
            return array.values();
        }
        throw wrong(name, "an array", value);
    }

    /**
     * Reads an array of objects.
     *
     * @param name the key
     * @return its objects; none if it is absent
     */
    public List<JsonObject> objects(String name) {
        List<JsonValue> values = array(name);
        List<JsonObject> objects = new ArrayList<>(values.size());
        for (JsonValue value : values) {
            objects.add(asObject(name, value));
        }
        return objects;
    }

    /**
     * Reads an array of texts.
     *
     * @param name the key
     * @return its texts; none if it is absent
     */
    public List<String> texts(String name) {
        List<JsonValue> values = array(name);
        List<String> texts = new ArrayList<>(values.size());
        for (JsonValue value : values) {
            String text = scalar(value);
            if (text == null) {
                throw wrong(name, "texts", value);
            }
            texts.add(text);
        }
        return texts;
    }

    private static JsonObject asObject(String name, JsonValue value) {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw wrong(name, "an object", value);
    }

    private static long whole(String name, JsonValue value) {
        if (value instanceof Whole whole) {
            return whole.value();
        }
        String digits = scalar(value);
        if (digits == null) {
            throw wrong(name, "a whole number", value);
        }
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw wrong(name, "a whole number", value);
        }
    }

    private static JsonException wrong(String name, String expected, JsonValue found) {
        return new JsonException("field " + name + ": expected " + expected + ", found " + found.described());
    }
}
