package org.merlinmq.broker.pull;

import org.merlinmq.protocol.code.ResponseCode;

/**
 * How a pull ended that passed its checks. One per event loop, filled anew for each answer.
 *
 * <p>Threading: its loop.
 *
 * <p>Source: RocketMQ's table of pull answers; {@link Status} has its words.
 */
public final class PullResult {
    /** What the pull met; the answer's remark. */
    public enum Status {
        /** Messages. */
        FOUND,
        /** Messages, of which the filter takes none. */
        NO_MATCHED_MESSAGE,
        /** The queue never had a message. */
        NO_MESSAGE_IN_QUEUE,
        /** The offset of the next message that comes. */
        OFFSET_OVERFLOW_ONE,
        /** An offset beyond the next message. */
        OFFSET_OVERFLOW_BADLY,
        /** An offset whose message was deleted. */
        OFFSET_TOO_SMALL,
        /** An administrator moved the group to another offset. */
        OFFSET_RESET,
        /** Ours: there are messages, and the topic or group may not have them yet. */
        RATE_LIMITED
    }

    Status status = Status.FOUND;
    ResponseCode code = ResponseCode.SUCCESS;

    /** Where to go on. */
    long nextOffset;

    long minOffset;
    long maxOffset;
    int topicSysFlag;
    int groupSysFlag;

    /** The id of the broker to pull from next. */
    long suggestedBroker;

    PullResult() {}

    PullResult of(PullTarget target, ResponseCode answer, Status met, long next) {
        status = met;
        code = answer;
        nextOffset = next;
        minOffset = target.queue().minOffset();
        maxOffset = target.queue().readableOffset();
        topicSysFlag = target.topicSysFlag();
        groupSysFlag = target.groupSysFlag();
        suggestedBroker = target.usualBroker();
        return this;
    }
}
