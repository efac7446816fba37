package org.merlinmq.protocol.json;

import java.util.ArrayList;
import java.util.List;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Reads JSON bytes into values.
 *
 * <p>Beyond the standard it takes what RocketMQ's peers write: keys that are bare numbers ({@code {0:"a"}}) or whole
 * objects ({@code {{"topic":"T"}:5}}), and raw control characters in strings.
 *
 * <p>Threading: an instance serves one text.
 *
 * <p>Errors: all that is wrong with a text is a {@link JsonException} that names the byte; see {@link JsonLimits}.
 */
public final class JsonReader {
    private final byte[] b;
    private final int start;
    private final int end;
    private int at;
    private int values;

    private JsonReader(byte[] bytes, int at, int length) {
        this.b = bytes;
        this.start = at;
        this.at = at;
        this.end = at + length;
    }

    /**
     * Reads one value that fills the bytes.
     *
     * @param bytes UTF-8
     * @return the value
     * @throws JsonException if it is not JSON or crosses a limit
     */
    public static JsonValue read(byte[] bytes) {
        return read(bytes, 0, bytes.length);
    }

    /**
     * Reads one value that fills a run of bytes.
     *
     * @param bytes UTF-8
     * @param at where the run starts
     * @param length its bytes
     * @return the value
     * @throws JsonException if it is not JSON or crosses a limit
     */
    public static JsonValue read(byte[] bytes, int at, int length) {
        JsonReader reader = new JsonReader(bytes, at, length);
        JsonValue value = reader.value(0);
        reader.skipBlanks();
        if (reader.at != reader.end) {
            throw reader.wrong("the end of the text");
        }
        return value;
    }

    /**
     * Reads one object that fills the bytes.
     *
     * @param bytes UTF-8
     * @return the object
     * @throws JsonException if it is no object
     */
    public static JsonObject readObject(byte[] bytes) {
        JsonValue value = read(bytes);
        if (value instanceof JsonObject object) {
            return object;
        }
        throw new JsonException("expected an object, found " + value.described());
    }

    private JsonValue value(int depth) {
        if (++values > JsonLimits.MAX_VALUES) {
            throw new JsonException("more than " + JsonLimits.MAX_VALUES + " values");
        }
        if (depth > JsonLimits.MAX_DEPTH) {
            throw new JsonException("nested deeper than " + JsonLimits.MAX_DEPTH + " at byte " + (at - start));
        }
        skipBlanks();
        if (at == end) {
            throw wrong("a value");
        }
        switch (b[at]) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return new JsonValue.Text(string());
            case 't':
                return literal("true", JsonValue.Literal.TRUE);
            case 'f':
                return literal("false", JsonValue.Literal.FALSE);
            case 'n':
                return literal("null", JsonValue.Literal.NULL);
            default:
                return number();
        }
    }

    private JsonObject object(int depth) {
        at++;
        List<JsonObject.Member> members = new ArrayList<>(4);
        if (next() == '}') {
            at++;
            return new JsonObject(members);
        }
        while (true) {
            JsonValue key = key(depth);
            expect(':', "':' after a key");
            members.add(new JsonObject.Member(key, value(depth + 1)));
            if (next() == '}') {
                at++;
                return new JsonObject(members);
            }
            expect(',', "',' or '}'");
        }
    }

    private JsonValue key(int depth) {
        int c = next();
        if (c == '"' || c == '{' || c == '-' || (c >= '0' && c <= '9')) {
            return value(depth + 1);
        }
        throw wrong("a key");
    }

    private JsonValue.Array array(int depth) {
        at++;
        List<JsonValue> elements = new ArrayList<>(4);
        if (next() == ']') {
            at++;
            return new JsonValue.Array(elements);
        }
        while (true) {
            elements.add(value(depth + 1));
            if (next() == ']') {
                at++;
                return new JsonValue.Array(elements);
            }
            expect(',', "',' or ']'");
        }
    }

    private String string() {
        int from = ++at;
        boolean escaped = false;
        while (true) {
            at = Bytes.indexOfEither(b, at, end, '"', '\\');
            if (at == end) {
                throw wrong("the closing quote of a string");
            }
            if (b[at] == '"') {
                String text = escaped ? unescaped(from, at - from) : Bytes.text(b, from, at - from);
                at++;
                return text;
            }
            int escape = JsonText.escapeBytes(b, at, end);
            if (escape < 0) {
                throw wrong("an escape sequence");
            }
            escaped = true;
            at += escape;
        }
    }

    private String unescaped(int from, int length) {
        byte[] plain = new byte[length];
        return Bytes.text(plain, 0, JsonText.unescape(b, from, length, plain, 0));
    }

    private JsonValue literal(String word, JsonValue value) {
        if (end - at < word.length() || !Bytes.equalsAscii(b, at, word.length(), word)) {
            throw wrong(word);
        }
        at += word.length();
        return value;
    }

    private JsonValue number() {
        int from = at;
        while (at < end && isNumberByte(b[at])) {
            at++;
        }
        int chars = at - from;
        if (chars == 0 || chars > JsonLimits.MAX_NUMBER_CHARS) {
            at = from;
            throw wrong(chars == 0 ? "a value" : "a number of at most " + JsonLimits.MAX_NUMBER_CHARS + " characters");
        }
        return isPlain(from) ? new JsonValue.Whole(Bytes.parseLong(b, from, chars)) : oddNumber(from, chars);
    }

    /** Whether the token up to the cursor is at most 18 digits, without needless zeros in front. */
    private boolean isPlain(int from) {
        boolean negative = b[from] == '-';
        int first = negative ? from + 1 : from;
        int digits = at - first;
        if (digits == 0 || digits > 18 || (b[first] == '0' && (negative || digits > 1))) {
            return false;
        }
        for (int i = first; i < at; i++) {
            if (b[i] < '0' || b[i] > '9') {
                return false;
            }
        }
        return true;
    }

    private static boolean isNumberByte(byte c) {
        return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    }

    private JsonValue oddNumber(int from, int chars) {
        String text = Bytes.text(b, from, chars);
        try {
            if (chars >= 19
                    && chars <= 20
                    && Long.toString(Long.parseLong(text)).equals(text)) {
                return new JsonValue.Whole(Long.parseLong(text));
            }
        } catch (NumberFormatException e) {
            return fraction(from, text);
        }
        return fraction(from, text);
    }

    private JsonValue fraction(int from, String text) {
        try {
            Double.parseDouble(text);
            return new JsonValue.Fraction(text);
        } catch (NumberFormatException e) {
            at = from;
            throw wrong("a number");
        }
    }

    private int next() {
        skipBlanks();
        return at < end ? b[at] & 0xFF : -1;
    }

    private void expect(char c, String expected) {
        if (next() != c) {
            throw wrong(expected);
        }
        at++;
    }

    private void skipBlanks() {
        while (at < end && (b[at] == ' ' || b[at] == '\n' || b[at] == '\t' || b[at] == '\r')) {
            at++;
        }
    }

    private JsonException wrong(String expected) {
        String found = at >= end ? "the end" : '"' + Bytes.text(b, at, Math.min(12, end - at)) + '"';
        return new JsonException("not JSON at byte " + (at - start) + ": expected " + expected + ", found " + found);
    }
}
