package org.merlinmq.protocol.json;

/** A text is not the JSON that was expected; the message names the place, what was expected, and what was found. */
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message a sentence for the peer's operator
     */
    public JsonException(String message) {
        super(message);
    }
}
