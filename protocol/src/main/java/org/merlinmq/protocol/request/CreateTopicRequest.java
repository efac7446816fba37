package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code UPDATE_AND_CREATE_TOPIC} (17), {@code UPDATE_AND_CREATE_STATIC_TOPIC} (513): creates or changes
 * a topic.
 *
 * @param topic the topic
 * @param defaultTopic topic whose settings a new topic takes
 * @param readQueueNums queues to read
 * @param writeQueueNums queues to write
 * @param perm bits: 4 read, 2 write, 1 inherit
 * @param topicFilterType SINGLE_TAG or MULTI_TAG
 * @param topicSysFlag bits of the topic
 * @param order whether order matters
 * @param attributes comma list of {@code +name=value} and {@code -name}; null for none
 * @param force whether protected topics may be changed
 */
public record CreateTopicRequest(
        String topic,
        String defaultTopic,
        int readQueueNums,
        int writeQueueNums,
        int perm,
        String topicFilterType,
        int topicSysFlag,
        boolean order,
        @Nullable String attributes,
        @Nullable Boolean force)
        implements Header {
    /** Reads the header. */
    public static CreateTopicRequest read(Fields from) {
        return new CreateTopicRequest(
                from.requiredText("topic"),
                from.requiredText("defaultTopic"),
                from.requiredInt("readQueueNums"),
                from.requiredInt("writeQueueNums"),
                from.requiredInt("perm"),
                from.requiredText("topicFilterType"),
                from.intOr("topicSysFlag", 0),
                from.flagOr("order", false),
                from.text("attributes"),
                from.optionalFlag("force"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("defaultTopic", defaultTopic);
        out.put("readQueueNums", readQueueNums);
        out.put("writeQueueNums", writeQueueNums);
        out.put("perm", perm);
        out.put("topicFilterType", topicFilterType);
        out.put("topicSysFlag", topicSysFlag);
        out.put("order", order);
        out.putIfPresent("attributes", attributes);
        out.putIfPresent("force", force);
    }
}
