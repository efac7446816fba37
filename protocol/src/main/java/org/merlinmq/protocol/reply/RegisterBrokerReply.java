package org.merlinmq.protocol.reply;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Answer to {@code REGISTER_BROKER} (103): names a broker its master.
 *
 * @param haServerAddr where the master's replication listens; null: no master is known
 * @param masterAddr {@code ip:port} of the master; null: no master is known
 */
public record RegisterBrokerReply(
        @Nullable String haServerAddr, @Nullable String masterAddr) implements Header {
    public static RegisterBrokerReply read(Fields from) {
        return new RegisterBrokerReply(from.text("haServerAddr"), from.text("masterAddr"));
    }

    @Override
    public void write(FieldSink out) {
        out.putIfPresent("haServerAddr", haServerAddr);
        out.putIfPresent("masterAddr", masterAddr);
    }
}
