package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code SEND_MESSAGE} (10), {@code SEND_MESSAGE_V2} (310), {@code SEND_BATCH_MESSAGE} (320) and the two
 * {@code SEND_REPLY_MESSAGE} (324, 325): where the message in the body goes. It is written with one-letter names (310,
 * 320, 325); {@link #withFullNames} gives the older form (10, 324).
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

    private static final String[] LETTERS = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"};
    private static final String[] NAMES = {
        "producerGroup",
        "topic",
        "defaultTopic",
        "defaultTopicQueueNums",
        "queueId",
        "sysFlag",
        "bornTimestamp",
        "flag",
        "properties",
        "reconsumeTimes",
        "unitMode",
        "maxReconsumeTimes",
        "batch",
        "bname"
    };

    /**
     * Reads a header with one-letter names.
     *
     * @param from its fields
     * @return the header
     */
    public static SendRequest read(Fields from) {
        return read(from, LETTERS);
    }

    /**
     * Reads a header with full names.
     *
     * @param from its fields
     * @return the header
     */
    public static SendRequest readFullNames(Fields from) {
        return read(from, NAMES);
    }

    private static SendRequest read(Fields from, String[] names) {
        return new SendRequest(
                from.requiredText(names[0]),
                from.requiredText(names[1]),
                from.requiredText(names[2]),
                from.requiredInt(names[3]),
                from.requiredInt(names[4]),
                from.requiredInt(names[5]),
                from.requiredLong(names[6]),
                from.requiredInt(names[7]),
                from.text(names[8]),
                from.intOr(names[9], 0),
                from.flagOr(names[10], false),
                from.optionalInt(names[11]),
                from.flagOr(names[12], false),
                from.text(names[13]));
    }

    @Override
    public void write(FieldSink out) {
        write(out, LETTERS);
    }

    /**
     * The same header in the older form.
     *
     * @return a header that is written with full names
     */
    public Header withFullNames() {
        return out -> write(out, NAMES);
    }

    private void write(FieldSink out, String[] names) {
        out.put(names[0], producerGroup);
        out.put(names[1], topic);
        out.put(names[2], defaultTopic);
        out.put(names[3], defaultTopicQueueNums);
        out.put(names[4], queueId);
        out.put(names[5], sysFlag);
        out.put(names[6], bornTimestamp);
        out.put(names[7], flag);
        out.putIfPresent(names[8], properties);
        out.put(names[9], reconsumeTimes);
        out.put(names[10], unitMode);
        out.putIfPresent(names[11], maxReconsumeTimes);
        out.put(names[12], batch);
        out.putIfPresent(names[13], brokerName);
    }
}
