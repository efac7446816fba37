package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code RECALL_MESSAGE} (370): takes a delayed message back.
 *
 * @param topic the topic
 * @param recallHandle the handle that the send answered with
 * @param producerGroup the producer group; null if not said
 */
public record RecallRequest(
        String topic, String recallHandle, @Nullable String producerGroup) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static RecallRequest read(Fields from) {
        return new RecallRequest(
                from.requiredText("topic"), from.requiredText("recallHandle"), from.text("producerGroup"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("recallHandle", recallHandle);
        out.putIfPresent("producerGroup", producerGroup);
    }
}
