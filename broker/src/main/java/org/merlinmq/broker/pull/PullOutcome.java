package org.merlinmq.broker.pull;

import org.merlinmq.broker.dispatch.Refusal;

/** What the checks of a pull came to. */
sealed interface PullOutcome {
    /** It may go on. */
    record Ready(PullTarget target) implements PullOutcome {}

    /** It may not. */
    record Refused(Refusal refusal, Forbidden forbidden) implements PullOutcome {}
}
