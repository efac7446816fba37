package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code GET_BROKER_CONSUME_STATS} (317): asks how far all groups are behind.
 *
 * @param isOrder whether orderly groups are wanted
 */
public record BrokerConsumeStatsRequest(boolean isOrder) implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static BrokerConsumeStatsRequest read(Fields from) {
        return new BrokerConsumeStatsRequest(from.flagOr("isOrder", false));
    }

    @Override
    public void write(FieldSink out) {
        out.put("isOrder", isOrder);
    }
}
