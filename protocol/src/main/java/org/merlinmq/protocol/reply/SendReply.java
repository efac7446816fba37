package org.merlinmq.protocol.reply;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code SEND_MESSAGE} (10), {@code SEND_MESSAGE_V2} (310), {@code SEND_BATCH_MESSAGE} (320), {@code
 * SEND_REPLY_MESSAGE} (324), {@code SEND_REPLY_MESSAGE_V2} (325): where a message was stored.
 *
 * @param msgId ids of the places, separated by commas for a batch
 * @param queueId which queue of the topic
 * @param queueOffset offset of the message, of a batch the first
 * @param transactionId unique key of the message; null from old peers
 * @param batchUniqId unique key of an inner batch
 * @param recallHandle takes a delayed message back
 * @param region region of the broker; old clients read it unasked
 * @param traceOn whether clients shall trace; old clients read it unasked
 */
public record SendReply(
        String msgId,
        int queueId,
        long queueOffset,
        @Nullable String transactionId,
        @Nullable String batchUniqId,
        @Nullable String recallHandle,
        @Nullable String region,
        @Nullable String traceOn)
        implements Header {
    /** Reads the header. */
    public static SendReply read(Fields from) {
        return new SendReply(
                from.requiredText("msgId"),
                from.requiredInt("queueId"),
                from.requiredLong("queueOffset"),
                from.text("transactionId"),
                from.text("batchUniqId"),
                from.text("recallHandle"),
                from.text("MSG_REGION"),
                from.text("TRACE_ON"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("msgId", msgId);
        out.put("queueId", queueId);
        out.put("queueOffset", queueOffset);
        out.putIfPresent("transactionId", transactionId);
        out.putIfPresent("batchUniqId", batchUniqId);
        out.putIfPresent("recallHandle", recallHandle);
        out.putIfPresent("MSG_REGION", region);
        out.putIfPresent("TRACE_ON", traceOn);
    }
}
