package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code SEARCH_OFFSET_BY_TIMESTAMP} (29): asks for the offset of a time.
 *
 * @param topic the topic
 * @param queueId which queue of the topic
 * @param timestamp milliseconds since 1970
 * @param boundaryType UPPER: the last message not after the time; else the first not before it
 */
public record SearchOffsetRequest(
        String topic, int queueId, long timestamp, @Nullable String boundaryType) implements Header {
    /** Reads the header. */
    public static SearchOffsetRequest read(Fields from) {
        return new SearchOffsetRequest(
                from.requiredText("topic"),
                from.requiredInt("queueId"),
                from.requiredLong("timestamp"),
                from.text("boundaryType"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("queueId", queueId);
        out.put("timestamp", timestamp);
        out.putIfPresent("boundaryType", boundaryType);
    }
}
