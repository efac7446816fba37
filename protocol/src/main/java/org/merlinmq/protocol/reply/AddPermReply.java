package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code ADD_WRITE_PERM_OF_BROKER} (327): topics given back to writing.
 *
 * @param addTopicCount how many
 */
public record AddPermReply(int addTopicCount) implements Header {
    public static AddPermReply read(Fields from) {
        return new AddPermReply(from.requiredInt("addTopicCount"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("addTopicCount", addTopicCount);
    }
}
