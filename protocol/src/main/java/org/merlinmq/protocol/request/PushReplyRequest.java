package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code PUSH_REPLY_MESSAGE_TO_CLIENT} (326): brings the answer of request-reply to the requester; its
 * body is the message's.
 *
 * @param producerGroup the producer group
 * @param topic the topic
 * @param defaultTopic topic whose settings a new topic takes
 * @param defaultTopicQueueNums queues of a new topic
 * @param queueId which queue of the topic
 * @param sysFlag bits of {@link org.merlinmq.protocol.message.SysFlag}
 * @param bornTimestamp when the producer made the message, in milliseconds since 1970
 * @param flag the application's own bits
 * @param properties the properties as text; null for none
 * @param reconsumeTimes how often the message was consumed
 * @param unitMode whether the caller works in units
 * @param bornHost {@code ip:port} of the replier
 * @param storeHost {@code ip:port} of the broker
 * @param storeTimestamp when the broker took the reply, in milliseconds since 1970
 */
public record PushReplyRequest(
        String producerGroup,
        String topic,
        String defaultTopic,
        int defaultTopicQueueNums,
        int queueId,
        int sysFlag,
        long bornTimestamp,
        int flag,
        @Nullable String properties,
        int reconsumeTimes,
        boolean unitMode,
        String bornHost,
        String storeHost,
        long storeTimestamp)
        implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static PushReplyRequest read(Fields from) {
        return new PushReplyRequest(
                from.requiredText("producerGroup"),
                from.requiredText("topic"),
                from.requiredText("defaultTopic"),
                from.requiredInt("defaultTopicQueueNums"),
                from.requiredInt("queueId"),
                from.requiredInt("sysFlag"),
                from.requiredLong("bornTimestamp"),
                from.requiredInt("flag"),
                from.text("properties"),
                from.intOr("reconsumeTimes", 0),
                from.flagOr("unitMode", false),
                from.requiredText("bornHost"),
                from.requiredText("storeHost"),
                from.requiredLong("storeTimestamp"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("producerGroup", producerGroup);
        out.put("topic", topic);
        out.put("defaultTopic", defaultTopic);
        out.put("defaultTopicQueueNums", defaultTopicQueueNums);
        out.put("queueId", queueId);
        out.put("sysFlag", sysFlag);
        out.put("bornTimestamp", bornTimestamp);
        out.put("flag", flag);
        out.putIfPresent("properties", properties);
        out.put("reconsumeTimes", reconsumeTimes);
        out.put("unitMode", unitMode);
        out.put("bornHost", bornHost);
        out.put("storeHost", storeHost);
        out.put("storeTimestamp", storeTimestamp);
    }
}
