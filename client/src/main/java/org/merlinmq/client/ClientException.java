package org.merlinmq.client;

import java.io.Serial;

/**
 * What was asked for failed. The message says what, why, and what may be done.
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
     * Makes a failure that no server told of.
     *
     * @param message what failed, why, and what may be done
     */
    public ClientException(String message) {
        super(message);
        this.responseCode = NO_ANSWER;
    }

    /**
     * Makes a failure with a cause below it.
     *
     * @param message what failed, why, and what may be done
     * @param cause what was thrown below
     */
    public ClientException(String message, Throwable cause) {
        super(message, cause);
        this.responseCode = cause instanceof ClientException known ? known.responseCode : NO_ANSWER;
    }

    /**
     * Makes a failure that a server told of.
     *
     * @param message what failed, why, and what may be done
     * @param responseCode the server's code
     */
    public ClientException(String message, int responseCode) {
        super(message);
        this.responseCode = responseCode;
    }

    /**
     * The server's response code.
     *
     * @return the code, or {@link #NO_ANSWER}
     */
    public final int responseCode() {
        return responseCode;
    }
}
