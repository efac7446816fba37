package org.merlinmq.broker.pull;

import org.merlinmq.protocol.frame.FieldException;
import org.merlinmq.protocol.frame.FrameScan;

/**
 * The header fields of a pull, read in place.
 *
 * <p>Threading: one per event loop, reused for each request.
 *
 * <p>Source: requests 11 and 361.
 */
final class PullFields {
    private static final int COMMIT_OFFSET = 1;
    private static final int SUSPEND = 2;
    private static final int SUBSCRIPTION = 4;

    /** Indexes into the scan; subscription and expressionType are -1 where absent. */
    int group;

    int topic;
    int subscription;
    int expressionType;

    int queueId;
    int maxMessages;
    /** Integer.MAX_VALUE where absent. */
    int maxBytes;

    int sysFlag;
    long queueOffset;
    long commitOffset;
    long suspendMillis;
    long subscriptionVersion;

    /**
     * Reads the fields.
     *
     * @throws FieldException naming the field that is missing or is no number
     */
    void read(FrameScan f) {
        group = required(f, "consumerGroup");
        topic = required(f, "topic");
        queueId = f.intValue(required(f, "queueId"));
        queueOffset = f.longValue(required(f, "queueOffset"));
        maxMessages = f.intValue(required(f, "maxMsgNums"));
        sysFlag = f.intValue(required(f, "sysFlag"));
        commitOffset = optional(f, "commitOffset", -1);
        suspendMillis = optional(f, "suspendTimeoutMillis", 0);
        subscriptionVersion = optional(f, "subVersion", 0);
        subscription = f.field("subscription");
        expressionType = f.field("expressionType");
        maxBytes = (int) Math.min(Integer.MAX_VALUE, optional(f, "maxMsgBytes", Integer.MAX_VALUE));
    }

    boolean commits() {
        return (sysFlag & COMMIT_OFFSET) != 0 && commitOffset >= 0;
    }

    boolean suspends() {
        return (sysFlag & SUSPEND) != 0;
    }

    boolean bringsSubscription() {
        return (sysFlag & SUBSCRIPTION) != 0;
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
