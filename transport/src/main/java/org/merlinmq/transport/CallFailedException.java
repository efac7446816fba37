package org.merlinmq.transport;

import java.io.Serial;

/**
 * A call over a connection got no answer.
 *
 * <p>Errors: {@link #reason()} is where it failed; only {@link Reason#CONNECT} and {@link Reason#REJECTED} mean that
 * the peer certainly has not seen the request.
 */
public final class CallFailedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** Where a call failed. */
    public enum Reason {
        /** No connection could be made. */
        CONNECT,
        /** The connection ended before the answer came. */
        CLOSED,
        /** The deadline passed before the answer came. */
        TIMEOUT,
        /** A limit of this side refused the call before it was sent. */
        REJECTED
    }

    private final Reason reason;

    CallFailedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    CallFailedException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Where the call failed. */
    public Reason reason() {
        return reason;
    }
}
