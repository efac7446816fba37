package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code CONSUMER_SEND_MSG_BACK} (36): gives a message back to be retried.
 *
 * @param offset log offset of the message
 * @param group the consumer group
 * @param delayLevel delay level, 0: by count of consumptions, negative: dead letter
 * @param originMsgId id of the first delivery
 * @param originTopic topic of the first delivery
 * @param unitMode whether the caller works in units
 * @param maxReconsumeTimes limit of consumptions; null: the group's
 */
public record SendBackRequest(
        long offset,
        String group,
        int delayLevel,
        @Nullable String originMsgId,
        @Nullable String originTopic,
        boolean unitMode,
        @Nullable Integer maxReconsumeTimes)
        implements Header {
    /** Reads the header. */
    public static SendBackRequest read(Fields from) {
        return new SendBackRequest(
                from.requiredLong("offset"),
                from.requiredText("group"),
                from.requiredInt("delayLevel"),
                from.text("originMsgId"),
                from.text("originTopic"),
                from.flagOr("unitMode", false),
                from.optionalInt("maxReconsumeTimes"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("offset", offset);
        out.put("group", group);
        out.put("delayLevel", delayLevel);
        out.putIfPresent("originMsgId", originMsgId);
        out.putIfPresent("originTopic", originTopic);
        out.put("unitMode", unitMode);
        out.putIfPresent("maxReconsumeTimes", maxReconsumeTimes);
    }
}
