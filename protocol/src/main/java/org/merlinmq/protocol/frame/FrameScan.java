package org.merlinmq.protocol.frame;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteSlice;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.json.JsonText;

/**
 * The reusable view of one frame: its header is scanned in place, once, and nothing is allocated.
 *
 * <pre>
 *  at  +4     +5          +8          +8+H
 *  | length | form | H:24 | header H | body |      length counts all that follows it
 * </pre>
 *
 * <p>A JSON header may have its fields in any order, blanks, escapes, and unknown fields of any type, which are skipped.
 * A field of {@code extFields} may be a string, a bare number or a truth value; one that is null, an array or an object
 * counts as absent. Of a name that occurs twice the last counts. In a binary header an empty value counts as absent,
 * and the five codes of POP requests that do not fit 16 bits are mapped back.
 *
 * <p>Threading: one thread at a time; the view is valid as long as the bytes are left alone.
 *
 * <p>Errors: {@link #scan} throws {@link MalformedFrameException}, the readers of fields {@link FieldException}.
 */
public final class FrameScan implements Fields {
    static final byte PLAIN = 0;
    static final byte VALUE_ESCAPED = 1;
    static final byte KEY_ESCAPED = 2;

    private static final int FORM_AT = 4;
    private static final int HEADER_AT = 8;

    private byte[] bytes = new byte[0];
    private int frameAt;
    private int frameBytes;
    private HeaderForm form = HeaderForm.JSON;
    private int bodyAt;

    int code;
    int language;
    int version;
    int requestId;
    int flag;
    int remarkAt;
    int remarkBytes;
    boolean remarkEscaped;

    private int count;
    private final int[] keyAt = new int[FrameLimits.MAX_FIELDS];
    private final int[] keyBytes = new int[FrameLimits.MAX_FIELDS];
    private final int[] valueAt = new int[FrameLimits.MAX_FIELDS];
    private final int[] valueBytes = new int[FrameLimits.MAX_FIELDS];
    private final byte[] escapes = new byte[FrameLimits.MAX_FIELDS];

    // Index of the field with a one-letter key, stamped with the number of the scan: no clearing between frames.
    private final long[] letters = new long[128];
    private long stamp;

    private final JsonHeaderScan json;

    /** Makes a view of no frame. */
    @SuppressWarnings("this-escape") // the cursor keeps the reference and uses it only in scan()
    public FrameScan() {
        json = new JsonHeaderScan(this);
    }

    /**
     * Looks at one frame.
     *
     * @param from holds the whole frame
     * @param at the first of its four length bytes
     * @param size bytes of the frame with its length bytes
     * @throws MalformedFrameException if it is no frame; the view is then of no use
     */
    @SuppressWarnings("ReferenceEquality") // the very same array
    public void scan(byte[] from, int at, int size) {
        FramePrefix.check(from, at, size);
        // Here and below: a reference that does not change is not stored again, for the reason in ByteSlice.
        if (bytes != from) {
            bytes = from;
        }
        frameAt = at;
        frameBytes = size;
        code = 0;
        language = 0;
        version = 0;
        requestId = 0;
        flag = 0;
        remarkAt = -1;
        remarkBytes = 0;
        remarkEscaped = false;
        forgetFields();
        int headerAt = at + HEADER_AT;
        bodyAt = headerAt + FramePrefix.headerBytes(from, at);
        boolean binary = from[at + FORM_AT] != 0;
        if (binary != (form == HeaderForm.BINARY)) {
            form = binary ? HeaderForm.BINARY : HeaderForm.JSON;
        }
        if (!binary) {
            json.scan(from, headerAt, bodyAt);
        } else {
            BinaryHeaderScan.scan(this, from, headerAt, bodyAt);
        }
    }

    void forgetFields() {
        count = 0;
        stamp++;
    }

    /** Takes a field; {@code how} is a set of the escape bits above. */
    void addField(int keyFrom, int keyLength, int valueFrom, int valueLength, int how) {
        int i = count;
        if (i == FrameLimits.MAX_FIELDS) {
            throw malformed(keyFrom, "at most " + FrameLimits.MAX_FIELDS + " header fields", "more");
        }
        keyAt[i] = keyFrom;
        keyBytes[i] = keyLength;
        valueAt[i] = valueFrom;
        valueBytes[i] = valueLength;
        escapes[i] = (byte) how;
        count = i + 1;
        if (keyLength == 1 && bytes[keyFrom] >= 0) {
            letters[bytes[keyFrom]] = (stamp << 8) | i;
        } else if ((how & KEY_ESCAPED) != 0) {
            String key = key(i);
            if (key.length() == 1 && key.charAt(0) < letters.length) {
                letters[key.charAt(0)] = (stamp << 8) | i;
            }
        }
    }

    MalformedFrameException malformed(int at, String expected, String found) {
        return new MalformedFrameException(
                "frame byte " + (at - frameAt) + ": expected " + expected + ", found " + found);
    }

    /** The live array that was scanned. */
    public byte[] bytes() {
        return bytes;
    }

    /** Index of the first length byte of the frame. */
    public int frameAt() {
        return frameAt;
    }

    /** The size of the frame in bytes, with the length bytes. */
    public int frameBytes() {
        return frameBytes;
    }

    /** How the header is written; the answer is written so too. */
    public HeaderForm form() {
        return form;
    }

    /** The number of a request or response code. */
    public int code() {
        return code;
    }

    /** The number of the peer's {@link Language}. */
    public int language() {
        return language;
    }

    /** The number of the peer's {@link ProtocolVersion}. */
    public int version() {
        return version;
    }

    /** What ties an answer to its request ({@code opaque} on the wire). */
    public int requestId() {
        return requestId;
    }

    /** The bits of {@link FrameFlag}. */
    public int flag() {
        return flag;
    }

    /** Whether this is an answer. */
    public boolean isResponse() {
        return (flag & FrameFlag.RESPONSE) != 0;
    }

    /** Whether the sender expects no answer. */
    public boolean isOneway() {
        return (flag & FrameFlag.ONEWAY) != 0;
    }

    /** The remark, or null; makes a text. */
    public @Nullable String remark() {
        return remarkAt < 0 ? null : string(remarkAt, remarkBytes, remarkEscaped);
    }

    /** Index of the body's first byte. */
    public int bodyAt() {
        return bodyAt;
    }

    /** The size of the body in bytes; 0 if there is none. */
    public int bodyBytes() {
        return frameAt + frameBytes - bodyAt;
    }

    /** How many named fields there are; duplicates count each. */
    public int fieldCount() {
        return count;
    }

    /**
     * Where a key starts.
     *
     * @param i which field
     * @return index of its first byte
     */
    public int keyAt(int i) {
        return keyAt[i];
    }

    /**
     * The size of a key.
     *
     * @param i which field
     * @return bytes as they stand in the frame, escapes unresolved
     */
    public int keyBytes(int i) {
        return keyBytes[i];
    }

    /**
     * The name of a field; makes a text.
     *
     * @param i which field
     * @return its key, escapes resolved
     */
    public String key(int i) {
        return string(keyAt[i], keyBytes[i], (escapes[i] & KEY_ESCAPED) != 0);
    }

    /**
     * Where a value starts.
     *
     * @param i which field
     * @return index of its first byte, inside the quotes
     */
    public int valueAt(int i) {
        return valueAt[i];
    }

    /**
     * The size of a value as it stands in the frame.
     *
     * @param i which field
     * @return bytes, escapes unresolved
     */
    public int valueBytes(int i) {
        return valueBytes[i];
    }

    /**
     * Whether a value holds JSON escapes, so that only {@link #copyValue} gives its true bytes.
     *
     * @param i which field
     * @return whether it does
     */
    public boolean escaped(int i) {
        return (escapes[i] & VALUE_ESCAPED) != 0;
    }

    /**
     * Finds a field.
     *
     * @param name its key
     * @return its index, or -1; of duplicates the last
     */
    public int field(String name) {
        for (int i = count - 1; i >= 0; i--) {
            if (Bytes.equalsAscii(bytes, keyAt[i], keyBytes[i], name)
                    || ((escapes[i] & KEY_ESCAPED) != 0 && name.equals(key(i)))) {
                return i;
            }
        }
        return isAscii(name) ? -1 : fieldOfWideName(name);
    }

    /**
     * Finds a field that must be there.
     *
     * @param name its key
     * @return its index; of duplicates the last
     * @throws FieldException if it is absent
     */
    public int requiredField(String name) {
        int i = field(name);
        if (i < 0) {
            throw FieldException.missing(name);
        }
        return i;
    }

    private static boolean isAscii(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) > 127) {
                return false;
            }
        }
        return true;
    }

    private int fieldOfWideName(String name) {
        for (int i = count - 1; i >= 0; i--) {
            if (name.equals(key(i))) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Finds a field with a one-letter key, in constant time.
     *
     * @param letter an ASCII character
     * @return its index, or -1; of duplicates the last
     */
    public int field(char letter) {
        long entry = letters[letter];
        return entry >>> 8 == stamp ? (int) (entry & 0xFF) : -1;
    }

    /**
     * Copies a value, escapes resolved.
     *
     * @param i which field
     * @param to where to; {@link #valueBytes} bytes are always enough room
     * @param at the first byte
     * @return bytes written
     */
    public int copyValue(int i, byte[] to, int at) {
        if (escaped(i)) {
            return JsonText.unescape(bytes, valueAt[i], valueBytes[i], to, at);
        }
        System.arraycopy(bytes, valueAt[i], to, at, valueBytes[i]);
        return valueBytes[i];
    }

    /**
     * Points a slice at a value, escapes resolved; of a value that has some the slice keeps the decoded bytes.
     *
     * @param i which field; below 0 for one that is absent, whose value is empty
     * @param into is valid as long as the frame's bytes are
     */
    public void slice(int i, ByteSlice into) {
        if (i < 0) {
            into.set(bytes, 0, 0);
        } else if (escaped(i)) {
            byte[] room = into.room(valueBytes[i]);
            into.set(room, 0, copyValue(i, room, 0));
        } else {
            into.set(bytes, valueAt[i], valueBytes[i]);
        }
    }

    /**
     * Reads a number.
     *
     * @param i which field
     * @return the number
     * @throws FieldException if the value is not a decimal 64-bit number
     */
    public long longValue(int i) {
        if (escaped(i)) {
            return FieldNumbers.longValue(key(i), value(i));
        }
        try {
            return Bytes.parseLong(bytes, valueAt[i], valueBytes[i]);
        } catch (NumberFormatException e) {
            throw FieldException.wrong(key(i), "a 64-bit number", value(i));
        }
    }

    /**
     * Reads a number that must fit 32 bits.
     *
     * @param i which field
     * @return the number
     * @throws FieldException if it does not fit or is no number
     */
    public int intValue(int i) {
        long value = longValue(i);
        if (value != (int) value) {
            throw FieldException.wrong(key(i), "a 32-bit number", value(i));
        }
        return (int) value;
    }

    /**
     * Reads a truth value.
     *
     * @param i which field
     * @return true for "true" in any case
     */
    public boolean booleanValue(int i) {
        if (escaped(i)) {
            return Boolean.parseBoolean(value(i));
        }
        byte[] b = bytes;
        int at = valueAt[i];
        return valueBytes[i] == 4
                && (b[at] | 0x20) == 't'
                && (b[at + 1] | 0x20) == 'r'
                && (b[at + 2] | 0x20) == 'u'
                && (b[at + 3] | 0x20) == 'e';
    }

    /**
     * A value; makes a text.
     *
     * @param i which field
     * @return its text, escapes resolved
     */
    public String value(int i) {
        return string(valueAt[i], valueBytes[i], escaped(i));
    }

    @Override
    public @Nullable String text(String name) {
        int i = field(name);
        return i < 0 ? null : value(i);
    }

    private String string(int at, int length, boolean escaped) {
        if (!escaped) {
            return Bytes.text(bytes, at, length);
        }
        byte[] plain = new byte[length];
        return Bytes.text(plain, 0, JsonText.unescape(bytes, at, length, plain, 0));
    }

    /**
     * Detaches what is seen from the bytes.
     *
     * @return a frame of its own
     */
    public Frame toFrame() {
        Map<String, String> fields = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            fields.put(key(i), value(i));
        }
        byte[] body = new byte[bodyBytes()];
        System.arraycopy(bytes, bodyAt, body, 0, body.length);
        return new Frame(form, code, language, version, requestId, flag, remark(), fields, body);
    }
}
