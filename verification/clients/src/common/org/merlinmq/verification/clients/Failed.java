package org.merlinmq.verification.clients;

/** What was expected and what came instead, in one sentence. */
final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Failed(String sentence) {
        super(sentence);
    }
}
