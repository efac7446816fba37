package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code RECALL_MESSAGE} (370): takes a delayed message back.
 *
 * @param topic its topic
 * @param recallHandle from the answer to its send
 * @param producerGroup who asks; null: not said
 */
public record RecallMessageRequest(
        String topic, String recallHandle, @Nullable String producerGroup) implements Header {
    public static RecallMessageRequest read(Fields from) {
        return new RecallMessageRequest(
                from.requiredText("topic"), from.requiredText("recallHandle"), from.text("producerGroup"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("recallHandle", recallHandle);
        out.putIfPresent("producerGroup", producerGroup);
    }
}
