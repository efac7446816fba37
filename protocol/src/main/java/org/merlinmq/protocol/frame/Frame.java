package org.merlinmq.protocol.frame;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;

/**
 * A whole frame as values: for all that is not hot, and the oracle of {@link FrameScan}.
 *
 * <p>Threading: immutable, as long as nobody writes into the body.
 *
 * @param form how the header is written
 * @param code which request this is, or how it was answered
 * @param language number of the sender's {@link Language}
 * @param version the sender's {@link ProtocolVersion}
 * @param requestId what ties an answer to its request ({@code opaque} on the wire)
 * @param flag bits of {@link FrameFlag}
 * @param remark text for people, or null
 * @param fields the named fields in their order
 * @param body the body, empty if there is none; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content, see below
public record Frame(
        HeaderForm form,
        int code,
        int language,
        int version,
        int requestId,
        int flag,
        @Nullable String remark,
        Map<String, String> fields,
        byte[] body)
        implements Fields {

    private static final byte[] NO_BODY = new byte[0];

    /** Makes the fields unmodifiable. */
    public Frame {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /**
     * A request of ours, in JSON, its number still 0.
     *
     * @param code which request
     * @param header its fields; null for none
     * @param body its body
     * @return the frame
     */
    public static Frame request(RequestCode code, @Nullable Header header, byte[] body) {
        return ours(HeaderForm.JSON, code.number(), 0, 0, null, header, body);
    }

    /**
     * A request of ours without a body.
     *
     * @param code which request
     * @param header its fields; null for none
     * @return the frame
     */
    public static Frame request(RequestCode code, @Nullable Header header) {
        return request(code, header, NO_BODY);
    }

    /**
     * A request of ours that must not be answered.
     *
     * @param code which request
     * @param header its fields; null for none
     * @param body its body
     * @return the frame
     */
    public static Frame oneway(RequestCode code, @Nullable Header header, byte[] body) {
        return ours(HeaderForm.JSON, code.number(), 0, FrameFlag.ONEWAY, null, header, body);
    }

    /**
     * A successful answer.
     *
     * @param form the form of the request
     * @param requestId the number of the request
     * @param header its fields; null for none
     * @param body its body
     * @return the frame
     */
    public static Frame ok(HeaderForm form, int requestId, @Nullable Header header, byte[] body) {
        return ours(form, ResponseCode.SUCCESS.number(), requestId, FrameFlag.RESPONSE, null, header, body);
    }

    /**
     * An answer of any kind.
     *
     * @param form the form of the request
     * @param requestId the number of the request
     * @param code how the request was answered
     * @param remark a sentence for people, or null
     * @param header its fields; null for none
     * @param body its body
     * @return the frame
     */
    public static Frame reply(
            HeaderForm form,
            int requestId,
            ResponseCode code,
            @Nullable String remark,
            @Nullable Header header,
            byte[] body) {
        return ours(form, code.number(), requestId, FrameFlag.RESPONSE, remark, header, body);
    }

    private static Frame ours(
            HeaderForm form,
            int code,
            int requestId,
            int flag,
            @Nullable String remark,
            @Nullable Header header,
            byte[] body) {
        int language = Language.JAVA.number();
        Map<String, String> fields = header == null ? Map.of() : fieldsOf(header);
        return new Frame(form, code, language, ProtocolVersion.CURRENT, requestId, flag, remark, fields, body);
    }

    /**
     * The fields that a header writes.
     *
     * @param header the header
     * @return its fields in their order
     */
    public static Map<String, String> fieldsOf(Header header) {
        Map<String, String> fields = new LinkedHashMap<>();
        header.write(new FieldSink() {
            @Override
            public FieldSink put(String name, String value) {
                fields.put(name, value);
                return this;
            }
        });
        return fields;
    }

    /**
     * The same frame under another number.
     *
     * @param number the number
     * @return the frame
     */
    public Frame withRequestId(int number) {
        return new Frame(form, code, language, version, number, flag, remark, fields, body);
    }

    /**
     * The same frame with its header written in another form.
     *
     * @param other the form
     * @return the frame
     */
    public Frame withForm(HeaderForm other) {
        return new Frame(other, code, language, version, requestId, flag, remark, fields, body);
    }

    /**
     * The same frame with other fields.
     *
     * @param other all its fields
     * @return the frame
     */
    public Frame withFields(Map<String, String> other) {
        return new Frame(form, code, language, version, requestId, flag, remark, other, body);
    }

    /** Whether this is an answer. */
    public boolean isResponse() {
        return (flag & FrameFlag.RESPONSE) != 0;
    }

    /** Whether the sender expects no answer. */
    public boolean isOneway() {
        return (flag & FrameFlag.ONEWAY) != 0;
    }

    /** Whether this is an answer with code 0. */
    public boolean isOk() {
        return code == ResponseCode.SUCCESS.number();
    }

    @Override
    public @Nullable String text(String name) {
        return fields.get(name);
    }

    /**
     * Encodes the frame.
     *
     * @return its bytes, length bytes included
     */
    public byte[] toBytes() {
        ByteWriter out = new ByteWriter(256 + body.length);
        FrameCodec.encode(this, out);
        return out.toByteArray();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Frame that
                && form == that.form
                && code == that.code
                && language == that.language
                && version == that.version
                && requestId == that.requestId
                && flag == that.flag
                && Objects.equals(remark, that.remark)
                && fields.equals(that.fields)
                && Arrays.equals(body, that.body);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * code + requestId) + Arrays.hashCode(body);
    }

    @Override
    public String toString() {
        return "Frame[" + form + " code=" + code + " requestId=" + requestId + " flag=" + flag + " version=" + version
                + " remark=" + remark + " fields=" + fields + " bodyBytes=" + body.length + ']';
    }
}
