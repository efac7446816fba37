package org.merlinmq.replication.stream;

/** The other end sent what is no message of this version; the connection is of no more use. */
public final class BrokenStreamException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * What was found.
     *
     * @param message a sentence: what was expected, and what was found
     */
    public BrokenStreamException(String message) {
        super(message);
    }
}
