package org.merlinmq.client;

import java.io.Serial;

/**
 * A request failed. The message names what failed, the cause and the cure.
 *
 * <p>Errors: {@link #responseCode()} is the server's code if one answered.
 */
public class ClientException extends RuntimeException {
    /** The response code when no server answered. */
    public static final int NO_ANSWER = -1;

    @Serial
    private static final long serialVersionUID = 1;

    private final int responseCode;

    /**
     * A failure without a server's answer.
     *
     * @param message what failed, why, and what may be done
     */
    public ClientException(String message) {
        super(message);
        this.responseCode = NO_ANSWER;
    }

    /**
     * A failure with a cause.
     *
     * @param message what failed, why, and what may be done
     * @param cause the cause
     */
    public ClientException(String message, Throwable cause) {
        super(message, cause);
        this.responseCode = cause instanceof ClientException known ? known.responseCode : NO_ANSWER;
    }

    /**
     * A failure that a server answered.
     *
     * @param message what failed, why, and what may be done
     * @param responseCode the server's code
     */
    public ClientException(String message, int responseCode) {
        super(message);
        this.responseCode = responseCode;
    }

    /** The server's response code, or {@link #NO_ANSWER}. */
    public final int responseCode() {
        return responseCode;
    }
}
