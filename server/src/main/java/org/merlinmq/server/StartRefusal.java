package org.merlinmq.server;

/** The server does not start: one sentence that names the thing and the cure, and the exit code. */
final class StartRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private StartRefusal(int exitCode, String sentence) {
        super(sentence, null, false, false);
        this.exitCode = exitCode;
    }

    static StartRefusal failed(String sentence) {
        return new StartRefusal(1, sentence);
    }

    static StartRefusal usage(String sentence) {
        return new StartRefusal(2, sentence);
    }

    int exitCode() {
        return exitCode;
    }

    String sentence() {
        return String.valueOf(getMessage());
    }
}
