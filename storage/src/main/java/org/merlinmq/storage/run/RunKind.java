package org.merlinmq.storage.run;

/** What the entries of a run are. */
public enum RunKind {
    /** Queue entries by queue and queue offset. */
    QUEUE(1, "queue"),
    /** Hashes of keys with the log offsets of their messages. */
    KEY(2, "key"),
    /** Due times with the log offsets of the delayed messages. */
    TIMER(3, "timer");

    private final int code;
    private final String word;

    RunKind(int code, String word) {
        this.code = code;
        this.word = word;
    }

    /**
     * The number in files.
     *
     * @return from 1
     */
    public int code() {
        return code;
    }

    /**
     * The first part of file names.
     *
     * @return a word in lower case
     */
    public String word() {
        return word;
    }

    /**
     * Finds a kind by its number.
     *
     * @param code as in a file
     * @return the kind
     * @throws IllegalArgumentException if no kind has it
     */
    public static RunKind of(int code) {
        for (RunKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "run kind " + code + " is unknown; the file is damaged or of a newer version");
    }
}
