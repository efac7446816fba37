package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_ALL_TOPIC_CONFIG} (21): asks for a page of the topic table.
 *
 * @param topicSeq first topic; null: the whole table
 * @param dataVersion the version the caller has, as JSON; null if it has none
 * @param maxTopicNum most topics wanted
 */
public record TopicPageRequest(
        @Nullable Integer topicSeq,
        @Nullable String dataVersion,
        @Nullable Integer maxTopicNum) implements Header {
    public static TopicPageRequest read(Fields from) {
        return new TopicPageRequest(
                from.optionalInt("topicSeq"), from.text("dataVersion"), from.optionalInt("maxTopicNum"));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("topicSeq", topicSeq);
        out.putIfPresent("dataVersion", dataVersion);
        out.putIfPresent("maxTopicNum", maxTopicNum);
    }
}
