package org.merlinmq.verification.cluster;

import java.util.List;

/**
 * What {@link HistoryCheck} found.
 *
 * @param violations what must not be; empty if all is well
 * @param sent sends that began
 * @param acknowledged those that were answered SEND_OK
 * @param failed those that were not
 * @param failedAndStored of these, how many were received all the same
 * @param storedTwice messages that lie at more than one place
 * @param deliveredAgain receipts of a message at a place that its group had before, over all groups
 * @param excused acknowledged messages that are gone, as the promise allows
 */
record Verdict(
        List<Violation> violations,
        int sent,
        int acknowledged,
        int failed,
        int failedAndStored,
        int storedTwice,
        int deliveredAgain,
        int excused) {
    /** What may be broken. */
    enum Rule {
        /** An acknowledged message that a group never received. */
        LOST,
        /** A message received that nobody sent. */
        UNKNOWN,
        /** A message received that is not what was sent. */
        DAMAGED,
        /** A message received before its send began. */
        BEFORE_IT_WAS_SENT,
        /** Two messages at one place: two masters, or a log that was written over. */
        TWO_AT_ONE_PLACE,
        /** A queue where a message lies before one that its sender sent earlier. */
        ORDER_OF_SENDER,
        /** A group that takes queues in order received a message after a later one. */
        ORDER_OF_QUEUE,
        /** A committed offset that is below one that was committed before. */
        OFFSET_WENT_BACK,
        /** A committed offset that nobody has committed yet. */
        OFFSET_AHEAD,
        /** A message stored twice, or delivered again, while nothing was wrong. */
        AGAIN_WITHOUT_CAUSE
    }

    /** One rule broken once. */
    record Violation(Rule rule, String sentence) {}

    /** The duplicates, and what became of the rest, as a line for the run's output. */
    String summary() {
        return sent + " sends, " + acknowledged + " acknowledged, " + failed + " not, of which " + failedAndStored
                + " were stored all the same; " + storedTwice + " stored twice; delivered again: " + deliveredAgain
                + "; allowed to be lost, and lost: " + excused + "; violations: " + violations.size();
    }
}
