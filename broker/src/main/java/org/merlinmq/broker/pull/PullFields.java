package org.merlinmq.broker.pull;

import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.FrameScan;

/**
 * Reads the header fields of a pull frame into a request, in place.
 *
 * <p>Threading: any thread.
 *
 * <p>Source: requests 11 and 361.
 */
final class PullFields {
    private static final int COMMIT_OFFSET = 1;
    private static final int SUSPEND = 2;
    private static final int SUBSCRIPTION = 4;
    private static final int LITE_PULL_MESSAGE = 361;

    private PullFields() {}

    /**
     * Reads a frame.
     *
     * @throws FieldException naming the field that is missing or is no number
     */
    static void read(FrameScan f, PullRequest into) {
        f.slice(required(f, "consumerGroup"), into.group);
        f.slice(required(f, "topic"), into.topic);
        into.queueId = f.intValue(required(f, "queueId"));
        into.queueOffset = f.longValue(required(f, "queueOffset"));
        into.maxMessages = f.intValue(required(f, "maxMsgNums"));
        int flags = f.intValue(required(f, "sysFlag"));
        long commit = optional(f, "commitOffset", PullRequest.COMMITS_NOTHING);
        into.commitOffset = (flags & COMMIT_OFFSET) != 0 && commit >= 0 ? commit : PullRequest.COMMITS_NOTHING;
        long suspend = optional(f, "suspendTimeoutMillis", 0);
        into.suspendMillis = (flags & SUSPEND) != 0 ? Math.max(0, suspend) : -1;
        into.subscriptionVersion = optional(f, "subVersion", 0);
        into.bringsSubscription = (flags & SUBSCRIPTION) != 0;
        f.slice(f.field("subscription"), into.expression);
        f.slice(f.field("expressionType"), into.expressionType);
        into.maxBytes = (int) Math.min(Integer.MAX_VALUE, optional(f, "maxMsgBytes", Integer.MAX_VALUE));
        into.lite = f.code() == LITE_PULL_MESSAGE;
    }

    private static int required(FrameScan f, String name) {
        int field = f.field(name);
        if (field < 0) {
            throw new FieldException("the header field " + name + " is missing");
        }
        return field;
    }

    private static long optional(FrameScan f, String name, long otherwise) {
        int field = f.field(name);
        return field < 0 ? otherwise : f.longValue(field);
    }
}
