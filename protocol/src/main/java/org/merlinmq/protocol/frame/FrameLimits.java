package org.merlinmq.protocol.frame;

/** What a frame may ask of us. */
public final class FrameLimits {
    /** A whole frame with its four length bytes. */
    public static final int MAX_FRAME_BYTES = 16_777_216;

    /** The smallest frame: length, form, header length. */
    public static final int MIN_FRAME_BYTES = 8;

    /** Named fields of one header ({@code extFields}), nulls not counted. */
    public static final int MAX_FIELDS = 64;

    /** Containers inside one another in a header value that is skipped. */
    public static final int MAX_DEPTH = 32;

    private FrameLimits() {}

    /**
     * Whether a length field can start a frame.
     *
     * @param length the first four bytes of the frame
     * @return false if the connection must be closed
     */
    public static boolean validLength(int length) {
        return length >= MIN_FRAME_BYTES - 4 && length <= MAX_FRAME_BYTES - 4;
    }
}
