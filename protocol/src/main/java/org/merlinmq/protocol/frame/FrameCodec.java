package org.merlinmq.protocol.frame;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonValue;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Frames to values and back, in the plainest way: {@link FrameScan} is tested against it and shares no code with it but
 * the frame's first eight bytes.
 *
 * <p>Threading: stateless.
 *
 * <p>Format: see {@link FrameScan}. A JSON header is written with its fields in alphabetical order and always with
 * {@code extFields}, because old clients read some replies' fields unasked.
 */
public final class FrameCodec {
    private FrameCodec() {}

    /**
     * Decodes one frame.
     *
     * @param bytes holds the whole frame
     * @param at the first of its four length bytes
     * @param frameBytes bytes of the frame with its length bytes
     * @return the frame
     * @throws MalformedFrameException if it is no frame
     */
    public static Frame decode(byte[] bytes, int at, int frameBytes) {
        FramePrefix.check(bytes, at, frameBytes);
        int headerAt = at + FramePrefix.BYTES;
        int headerBytes = FramePrefix.headerBytes(bytes, at);
        byte[] header = Arrays.copyOfRange(bytes, headerAt, headerAt + headerBytes);
        byte[] body = Arrays.copyOfRange(bytes, headerAt + headerBytes, at + frameBytes);
        Frame frame = bytes[at + 4] == 0 ? fromJson(header, body) : fromBinary(header, body);
        if (frame.fields().size() > FrameLimits.MAX_FIELDS) {
            throw new MalformedFrameException("expected at most " + FrameLimits.MAX_FIELDS + " header fields, found "
                    + frame.fields().size());
        }
        return frame;
    }

    private static Frame fromJson(byte[] header, byte[] body) {
        try {
            JsonObject json = JsonReader.readObject(header);
            return new Frame(
                    HeaderForm.JSON,
                    json.intOr("code", 0),
                    language(json.value("language")),
                    json.intOr("version", 0),
                    json.intOr("opaque", 0),
                    json.intOr("flag", 0),
                    scalar(json.value("remark")),
                    fields(json),
                    body);
        } catch (JsonException e) {
            throw new MalformedFrameException("header: " + e.getMessage());
        }
    }

    private static int language(@Nullable JsonValue value) {
        return value instanceof JsonValue.Text text ? Language.codeOf(text.value()) : Language.JAVA.number();
    }

    private static Map<String, String> fields(JsonObject json) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (JsonObject.Member member : json.membersOf("extFields")) {
            String value = scalar(member.value());
            if (value != null) {
                fields.put(member.name(), value);
            }
        }
        return fields;
    }

    private static @Nullable String scalar(@Nullable JsonValue value) {
        if (value instanceof JsonValue.Text text) {
            return text.value();
        }
        boolean nested = value instanceof JsonObject || value instanceof JsonValue.Array;
        if (value == null || nested || value == JsonValue.Literal.NULL) {
            return null;
        }
        byte[] bare = new JsonWriter().value(value).toByteArray();
        return Bytes.text(bare, 0, bare.length);
    }

    private static Frame fromBinary(byte[] header, byte[] body) {
        try {
            ByteBuffer in = ByteBuffer.wrap(header);
            int code = in.getShort();
            int language = Language.of(in.get()).number();
            int version = in.getShort() & 0xFFFF;
            int requestId = in.getInt();
            int flag = in.getInt();
            String remark = sized(in, in.getInt());
            Map<String, String> fields = new LinkedHashMap<>();
            ByteBuffer rest = slice(in, in.getInt());
            while (rest.hasRemaining()) {
                String key = sized(rest, rest.getShort());
                String value = sized(rest, rest.getInt());
                if (key != null && value != null) {
                    fields.put(key, value);
                }
            }
            int wide = BinaryHeaderScan.widenCode(code, flag);
            return new Frame(HeaderForm.BINARY, wide, language, version, requestId, flag, remark, fields, body);
        } catch (BufferUnderflowException e) {
            throw new MalformedFrameException("binary header: expected more than " + header.length + " bytes");
        }
    }

    private static @Nullable String sized(ByteBuffer in, int length) {
        ByteBuffer text = slice(in, length);
        return length == 0 ? null : Bytes.text(text.array(), text.arrayOffset(), length);
    }

    private static ByteBuffer slice(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new MalformedFrameException("binary header byte " + in.position() + ": expected a length of 0 to "
                    + in.remaining() + ", found " + length);
        }
        ByteBuffer slice = in.slice(in.position(), length);
        in.position(in.position() + length);
        return slice;
    }

    /**
     * Appends one frame, or nothing of it if it fails.
     *
     * @param frame the frame
     * @param out where to
     * @throws IllegalStateException if it is larger than a frame may be
     */
    public static void encode(Frame frame, ByteWriter out) {
        int frameAt = out.length();
        boolean whole = false;
        try {
            encode(frame, out, frameAt);
            whole = true;
        } finally {
            if (!whole) {
                out.truncate(frameAt);
            }
        }
    }

    private static void encode(Frame frame, ByteWriter out, int frameAt) {
        out.putLong(0);
        if (frame.form() == HeaderForm.JSON) {
            json(frame, out);
        } else {
            binary(frame, out);
        }
        FramePrefix.headerDone(out, frameAt, frame.form());
        out.put(frame.body());
        if (out.length() - frameAt > FrameLimits.MAX_FRAME_BYTES) {
            throw new IllegalStateException(
                    "a frame of " + (out.length() - frameAt) + " bytes is above " + FrameLimits.MAX_FRAME_BYTES);
        }
        FramePrefix.frameDone(out, frameAt);
    }

    private static void json(Frame frame, ByteWriter out) {
        new JsonWriter(out)
                .beginObject()
                .field("code", frame.code())
                .field("extFields", frame.fields())
                .field("flag", frame.flag())
                .field("language", Language.of(frame.language()).name())
                .field("opaque", frame.requestId())
                .field("remark", frame.remark())
                .field("serializeTypeCurrentRPC", "JSON")
                .field("version", frame.version())
                .endObject();
    }

    private static void binary(Frame frame, ByteWriter out) {
        out.putShort(frame.code()).putByte(frame.language()).putShort(frame.version());
        out.putInt(frame.requestId()).putInt(frame.flag());
        String remark = frame.remark();
        int remarkAt = out.length();
        out.putInt(0).putUtf8(remark == null ? "" : remark);
        out.setInt(remarkAt, out.length() - remarkAt - 4);
        int fieldsAt = out.length();
        out.putInt(0);
        frame.fields().forEach((key, value) -> {
            int keyAt = out.length();
            out.putShort(0).putUtf8(key);
            int keyBytes = out.length() - keyAt - 2;
            if (keyBytes > Short.MAX_VALUE) {
                throw new IllegalStateException("a field name of " + keyBytes + " bytes does not fit a header");
            }
            out.setShort(keyAt, keyBytes);
            int valueAt = out.length();
            out.putInt(0).putUtf8(value);
            out.setInt(valueAt, out.length() - valueAt - 4);
        });
        out.setInt(fieldsAt, out.length() - fieldsAt - 4);
    }
}
