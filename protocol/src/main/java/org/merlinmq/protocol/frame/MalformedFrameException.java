package org.merlinmq.protocol.frame;

/** The peer sent what is no frame; the stream cannot be trusted any more, so the connection is closed. */
public final class MalformedFrameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message byte position in the frame, what was expected, what was found
     */
    public MalformedFrameException(String message) {
        super(message);
    }
}
