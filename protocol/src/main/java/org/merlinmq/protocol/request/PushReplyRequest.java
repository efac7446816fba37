package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code PUSH_REPLY_MESSAGE_TO_CLIENT} (326): the broker brings a reply message, which is the body, to the client
 * that waits for it.
 *
 * @param producerGroup the producer group of who replies
 * @param topic the topic that the reply was sent to
 * @param defaultTopic as the reply was sent
 * @param defaultTopicQueueNums as the reply was sent
 * @param queueId as the reply was sent
 * @param sysFlag bits of {@link org.merlinmq.protocol.message.SysFlag}
 * @param bornTimestamp when the reply was made, in milliseconds since 1970
 * @param flag the application's own bits
 * @param properties the reply's properties as text
 * @param reconsumeTimes as the reply was sent
 * @param unitMode as the reply was sent
 * @param bornHost who replies, {@code ip:port}
 * @param storeHost the broker, {@code ip:port}
 * @param storeTimestamp when the broker got the reply, in milliseconds since 1970
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
    /** Reads the header. */
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
