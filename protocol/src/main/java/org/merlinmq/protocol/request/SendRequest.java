package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code SEND_MESSAGE_V2} (310), {@code SEND_BATCH_MESSAGE} (320) and {@code SEND_REPLY_MESSAGE_V2} (325),
 * with names of one letter: where the message in the body goes. {@code SEND_MESSAGE} (10) and
 * {@code SEND_REPLY_MESSAGE} (324) have the same fields under their full names.
 *
 * @param producerGroup the producer group
 * @param topic the topic
 * @param defaultTopic topic whose settings a new topic takes
 * @param defaultTopicQueueNums queues of a new topic
 * @param queueId which queue of the topic, negative: any
 * @param sysFlag bits of {@link org.merlinmq.protocol.message.SysFlag}
 * @param bornTimestamp when the producer made the message, in milliseconds since 1970
 * @param flag the application's own bits
 * @param properties the properties as text; null for none
 * @param reconsumeTimes how often the message was consumed, if it is a retry
 * @param unitMode whether the caller works in units
 * @param maxReconsumeTimes limit of consumptions, if it is a retry; null: the group's
 * @param batch whether the body holds many messages
 * @param brokerName name of the broker group; null from clients before 5.0
 */
public record SendRequest(
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
        @Nullable Integer maxReconsumeTimes,
        boolean batch,
        @Nullable String brokerName)
        implements Header {
    /** Reads the header. */
    public static SendRequest read(Fields from) {
        return new SendRequest(
                from.requiredText("a"),
                from.requiredText("b"),
                from.requiredText("c"),
                from.requiredInt("d"),
                from.requiredInt("e"),
                from.requiredInt("f"),
                from.requiredLong("g"),
                from.requiredInt("h"),
                from.text("i"),
                from.intOr("j", 0),
                from.flagOr("k", false),
                from.optionalInt("l"),
                from.flagOr("m", false),
                from.text("n"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("a", producerGroup);
        out.put("b", topic);
        out.put("c", defaultTopic);
        out.put("d", defaultTopicQueueNums);
        out.put("e", queueId);
        out.put("f", sysFlag);
        out.put("g", bornTimestamp);
        out.put("h", flag);
        out.putIfPresent("i", properties);
        out.put("j", reconsumeTimes);
        out.put("k", unitMode);
        out.putIfPresent("l", maxReconsumeTimes);
        out.put("m", batch);
        out.putIfPresent("n", brokerName);
    }
}
