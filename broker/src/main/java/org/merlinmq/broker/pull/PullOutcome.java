package org.merlinmq.broker.pull;

import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.transport.dispatch.Refusal;

/** What the checks of a pull came to. */
public sealed interface PullOutcome {
    /**
     * It may go on.
     *
     * @param target what it reads from
     */
    record Ready(PullTarget target) implements PullOutcome {}

    /**
     * It may not.
     *
     * @param refusal code and sentence
     * @param forbidden what somebody forbade, for a refusal with NO_PERMISSION
     */
    record Refused(Refusal refusal, Forbidden forbidden) implements PullOutcome {
        /** Whether a heartbeat that is on its way can change it: clients pull before theirs has been taken in. */
        boolean untilHeartbeat() {
            return refusal.code() == ResponseCode.SUBSCRIPTION_NOT_EXIST
                    || refusal.code() == ResponseCode.SUBSCRIPTION_NOT_LATEST;
        }
    }
}
