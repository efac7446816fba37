package org.merlinmq.protocol.reply;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code GET_ALL_TOPIC_CONFIG} (21): size of the topic table.
 *
 * @param totalTopicNum topics in the whole table
 */
public record TopicPageReply(@Nullable Integer totalTopicNum) implements Header {
    public static TopicPageReply read(Fields from) {
        return new TopicPageReply(from.optionalInt("totalTopicNum"));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("totalTopicNum", totalTopicNum);
    }
}
