package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code WIPE_WRITE_PERM_OF_BROKER} (205): topics taken out of writing.
 *
 * @param wipeTopicCount how many
 */
public record WipePermReply(int wipeTopicCount) implements Header {
    public static WipePermReply read(Fields from) {
        return new WipePermReply(from.requiredInt("wipeTopicCount"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("wipeTopicCount", wipeTopicCount);
    }
}
