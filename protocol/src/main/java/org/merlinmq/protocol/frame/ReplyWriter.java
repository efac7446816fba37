package org.merlinmq.protocol.frame;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.json.JsonText;

/**
 * Appends whole answers to a sink without making values first: {@code begin}, then {@code remark} at most once, then
 * fields, then {@code endHeader}, then the body goes straight into the sink, then {@code end}.
 *
 * <p>Format: the header is streamed, so a JSON one has its fixed fields first and its {@code extFields} last, which are
 * always written. Readers take the fields of a JSON object in any order.
 *
 * <p>Threading: one thread at a time. Reusable: nothing is allocated but for texts that need escapes.
 */
public final class ReplyWriter implements FieldSink {
    private static final byte[] CODE = Bytes.ascii("{\"code\":");
    private static final byte[] OPAQUE = Bytes.ascii(",\"flag\":1,\"language\":\"JAVA\",\"opaque\":");
    private static final byte[] VERSION =
            Bytes.ascii(",\"serializeTypeCurrentRPC\":\"JSON\",\"version\":" + ProtocolVersion.CURRENT);
    private static final byte[] REMARK = Bytes.ascii(",\"remark\":");
    private static final byte[] FIELDS = Bytes.ascii(",\"extFields\":{");

    // How far an answer is. Numbers and no constants of an enum: storing a reference has its price, see ByteSlice.
    private static final int IDLE = 0;
    private static final int FIXED_DONE = 1;
    private static final int REMARK_DONE = 2;
    private static final int FIELDS_OPEN = 3;
    private static final int BODY = 4;

    private ByteWriter out = new ByteWriter(0);
    private HeaderForm form = HeaderForm.JSON;
    private int requestId;
    private int frameAt;
    private int fieldsAt;
    private boolean firstField;
    private int step = IDLE;

    /** Makes a writer that has nothing begun. */
    public ReplyWriter() {}

    /**
     * Begins an answer of ours. One that was begun before and not ended, because its maker failed, is forgotten.
     *
     * @param to where it is appended
     * @param headerForm the form of the request
     * @param code the number of a response code
     * @param requestId the number of the request
     */
    public void begin(ByteWriter to, HeaderForm headerForm, int code, int requestId) {
        if (!to.equals(out)) {
            out = to;
        }
        if (form != headerForm) {
            form = headerForm;
        }
        this.requestId = requestId;
        frameAt = to.length();
        to.putLong(0);
        if (headerForm == HeaderForm.JSON) {
            to.put(CODE).putDecimal(code).put(OPAQUE).putDecimal(requestId).put(VERSION);
        } else {
            to.putShort(code).putByte(Language.JAVA.number()).putShort(ProtocolVersion.CURRENT);
            to.putInt(requestId).putInt(FrameFlag.RESPONSE);
        }
        step = FIXED_DONE;
    }

    /**
     * Writes the remark; must come before any field.
     *
     * @param text a sentence for people; null: none
     * @return this
     */
    public ReplyWriter remark(@Nullable String text) {
        if (step != FIXED_DONE) {
            throw new IllegalStateException("the remark comes right after begin, not at step " + step);
        }
        if (form == HeaderForm.JSON) {
            if (text != null) {
                JsonText.write(out.put(REMARK), text);
            }
        } else {
            int at = out.length();
            out.putInt(0).putUtf8(text == null ? "" : text);
            out.setInt(at, out.length() - at - 4);
        }
        step = REMARK_DONE;
        return this;
    }

    /**
     * Writes a number.
     *
     * @param name the field in ASCII
     * @param value the number
     * @return this
     */
    public ReplyWriter field(byte[] name, long value) {
        int at = beginField(name);
        out.putDecimal(value);
        endField(at);
        return this;
    }

    /**
     * Writes bytes.
     *
     * @param name the field in ASCII
     * @param from holds the value: printable ASCII without quotes and backslashes
     * @param at where the value starts
     * @param n its bytes
     * @return this
     */
    public ReplyWriter field(byte[] name, byte[] from, int at, int n) {
        int valueAt = beginField(name);
        out.put(from, at, n);
        endField(valueAt);
        return this;
    }

    /**
     * Writes bytes.
     *
     * @param name the field in ASCII
     * @param value all of it: printable ASCII without quotes and backslashes
     * @return this
     */
    public ReplyWriter field(byte[] name, byte[] value) {
        return field(name, value, 0, value.length);
    }

    /**
     * Writes any text.
     *
     * @param name the field
     * @param value its text
     * @return this
     */
    public ReplyWriter field(String name, String value) {
        openFields();
        if (form == HeaderForm.JSON) {
            comma();
            JsonText.write(out, name);
            out.putByte(':');
            JsonText.write(out, value);
        } else {
            int nameAt = out.length();
            out.putShort(0).putUtf8(name);
            out.setShort(nameAt, out.length() - nameAt - 2);
            int valueAt = out.length();
            out.putInt(0).putUtf8(value);
            out.setInt(valueAt, out.length() - valueAt - 4);
        }
        return this;
    }

    @Override
    public FieldSink put(String name, String value) {
        return field(name, value);
    }

    /** Writes all up to the value; returns where its length stands in the binary form. */
    private int beginField(byte[] name) {
        openFields();
        if (form == HeaderForm.JSON) {
            int from = out.ensure(name.length + 5);
            int to = from;
            byte[] b = out.array();
            if (!firstField) {
                b[to++] = ',';
            }
            firstField = false;
            b[to++] = '"';
            System.arraycopy(name, 0, b, to, name.length);
            to += name.length;
            b[to++] = '"';
            b[to++] = ':';
            b[to++] = '"';
            out.advance(to - from);
            return 0;
        }
        out.putShort(name.length).put(name);
        int at = out.length();
        out.putInt(0);
        return at;
    }

    private void endField(int at) {
        if (form == HeaderForm.JSON) {
            out.putByte('"');
        } else {
            out.setInt(at, out.length() - at - 4);
        }
    }

    private void comma() {
        if (!firstField) {
            out.putByte(',');
        }
        firstField = false;
    }

    private void openFields() {
        if (step == FIELDS_OPEN) {
            return;
        }
        if (step == FIXED_DONE) {
            remark(null);
        } else if (step != REMARK_DONE) {
            throw new IllegalStateException("no field can be written at step " + step);
        }
        fieldsAt = out.length();
        if (form == HeaderForm.JSON) {
            out.put(FIELDS);
        } else {
            out.putInt(0);
        }
        firstField = true;
        step = FIELDS_OPEN;
    }

    /** Ends the header: the body may now be put into the sink. */
    public void endHeader() {
        openFields();
        if (form == HeaderForm.JSON) {
            out.putByte('}').putByte('}');
        } else {
            out.setInt(fieldsAt, out.length() - fieldsAt - 4);
        }
        FramePrefix.headerDone(out, frameAt, form);
        step = BODY;
    }

    /**
     * Ends the answer; what is in the sink after the header is its body. An answer that is longer than a frame may be
     * would end the connection at the other side: a refusal with that reason takes its place.
     */
    public void end() {
        if (step != BODY) {
            endHeader();
        }
        int bytes = out.length() - frameAt;
        if (bytes > FrameLimits.MAX_FRAME_BYTES) {
            refuseAnswerOf(bytes);
        }
        FramePrefix.frameDone(out, frameAt);
        step = IDLE;
    }

    private void refuseAnswerOf(int bytes) {
        out.truncate(frameAt);
        begin(out, form, ResponseCode.SYSTEM_ERROR.number(), requestId);
        remark("the answer has " + bytes + " bytes, and a frame at most " + FrameLimits.MAX_FRAME_BYTES
                + ": ask for less at a time");
        endHeader();
    }

    /** Takes back the answer that was begun: the sink is as it was before. */
    public void abandon() {
        if (step != IDLE) {
            out.truncate(frameAt);
            step = IDLE;
        }
    }
}
