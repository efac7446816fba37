package org.merlinmq.cli;

/** A command failed; the message is the sentence that the user reads. Exit code 1. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param sentence what the user reads
     */
    public CommandFailure(String sentence) {
        super(sentence, null, false, false);
    }
}
