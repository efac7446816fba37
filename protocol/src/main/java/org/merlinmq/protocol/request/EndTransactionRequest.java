package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code END_TRANSACTION} (37): commits or rolls back a half message.
 *
 * @param producerGroup the producer group
 * @param tranStateTableOffset queue offset of the half message
 * @param commitLogOffset log offset of the half message
 * @param commitOrRollback 8 commits, 12 rolls back, 0 says nothing
 * @param fromTransactionCheck whether the broker had asked
 * @param msgId unique key of the message
 * @param transactionId unique key of the message; null from old peers
 * @param topic the real topic; null from clients before 5.0
 */
public record EndTransactionRequest(
        String producerGroup,
        long tranStateTableOffset,
        long commitLogOffset,
        int commitOrRollback,
        boolean fromTransactionCheck,
        @Nullable String msgId,
        @Nullable String transactionId,
        @Nullable String topic)
        implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static EndTransactionRequest read(Fields from) {
        return new EndTransactionRequest(
                from.requiredText("producerGroup"),
                from.requiredLong("tranStateTableOffset"),
                from.requiredLong("commitLogOffset"),
                from.requiredInt("commitOrRollback"),
                from.flagOr("fromTransactionCheck", false),
                from.text("msgId"),
                from.text("transactionId"),
                from.text("topic"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("producerGroup", producerGroup);
        out.put("tranStateTableOffset", tranStateTableOffset);
        out.put("commitLogOffset", commitLogOffset);
        out.put("commitOrRollback", commitOrRollback);
        out.put("fromTransactionCheck", fromTransactionCheck);
        out.putIfPresent("msgId", msgId);
        out.putIfPresent("transactionId", transactionId);
        out.putIfPresent("topic", topic);
    }
}
