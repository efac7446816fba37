package org.merlinmq.protocol.frame;

/** The bits of a header's {@code flag}. */
public final class FrameFlag {
    /** The frame answers a request of the same number. */
    public static final int RESPONSE = 1;

    /** The sender expects no answer and must not get one. */
    public static final int ONEWAY = 2;

    private FrameFlag() {}
}
