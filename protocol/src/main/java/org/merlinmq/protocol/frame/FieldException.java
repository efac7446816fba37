package org.merlinmq.protocol.frame;

/** A header field is missing or unreadable; the message names it. The request is refused, the connection stays. */
public final class FieldException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message a sentence with the field's name and what was found
     */
    public FieldException(String message) {
        super(message);
    }

    /**
     * A required field is absent.
     *
     * @param name the field
     * @return the exception
     */
    public static FieldException missing(String name) {
        return new FieldException("header field " + name + " is missing");
    }

    /**
     * A field cannot be read.
     *
     * @param name the field
     * @param expected what it should be
     * @param found its text
     * @return the exception
     */
    public static FieldException wrong(String name, String expected, String found) {
        String shown = found.length() > 60 ? found.substring(0, 60) + "…" : found;
        return new FieldException("header field " + name + ": expected " + expected + ", found \"" + shown + '"');
    }
}
