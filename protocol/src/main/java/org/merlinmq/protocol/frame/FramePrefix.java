package org.merlinmq.protocol.frame;

import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;

/** The first eight bytes of a frame. */
final class FramePrefix {
    static final int BYTES = 8;
    private static final int FORM_AT = 4;
    private static final int MAX_HEADER_BYTES = 0xFFFFFF;

    private FramePrefix() {}

    /** Checks that the run of {@code size} bytes is a whole frame of a known form. */
    static void check(byte[] b, int at, int size) {
        if (size < BYTES) {
            throw malformed(0, "at least " + BYTES + " bytes", Integer.toString(size));
        }
        int length = Bytes.getInt(b, at);
        if (length != size - 4 || !FrameLimits.validLength(length)) {
            throw malformed(0, "length " + (size - 4), Integer.toString(length));
        }
        int form = b[at + FORM_AT];
        if (form != 0 && form != 1) {
            throw malformed(FORM_AT, "form 0 or 1", Integer.toString(form));
        }
        int headerBytes = headerBytes(b, at);
        if (headerBytes > size - BYTES) {
            throw malformed(FORM_AT + 1, "a header of at most " + (size - BYTES) + " bytes", headerBytes + " bytes");
        }
    }

    static int headerBytes(byte[] b, int at) {
        return Bytes.getInt(b, at + FORM_AT) & MAX_HEADER_BYTES;
    }

    private static MalformedFrameException malformed(int at, String expected, String found) {
        return new MalformedFrameException("frame byte " + at + ": expected " + expected + ", found " + found);
    }

    /** Sets the header's length, once it is written up to the end of {@code out}. */
    static void headerDone(ByteWriter out, int frameAt, HeaderForm form) {
        int headerBytes = out.length() - frameAt - BYTES;
        if (headerBytes > MAX_HEADER_BYTES) {
            throw new IllegalStateException("a header of " + headerBytes + " bytes does not fit a frame");
        }
        out.setInt(frameAt + FORM_AT, (form.number() << 24) | headerBytes);
    }

    /** Sets the frame's length, once its body is written up to the end of {@code out}. */
    static void frameDone(ByteWriter out, int frameAt) {
        out.setInt(frameAt, out.length() - frameAt - 4);
    }
}
