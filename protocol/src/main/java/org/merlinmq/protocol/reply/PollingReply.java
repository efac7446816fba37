package org.merlinmq.protocol.reply;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code POLLING_INFO} (200055): pops that wait.
 *
 * @param pollingNum how many
 */
public record PollingReply(int pollingNum) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static PollingReply read(Fields from) {
        return new PollingReply(from.requiredInt("pollingNum"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("pollingNum", pollingNum);
    }
}
