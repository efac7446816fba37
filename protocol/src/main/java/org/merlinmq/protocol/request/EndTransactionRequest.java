package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code END_TRANSACTION} (37): a producer decides on a half message.
 *
 * @param producerGroup the producer's group
 * @param tranStateTableOffset queue offset of the half message
 * @param commitLogOffset log offset of the half message
 * @param commitOrRollback {@link #COMMIT}, {@link #ROLLBACK} or {@link #UNKNOWN}
 * @param msgId unique key of the message
 * @param fromTransactionCheck whether the broker asked
 * @param transactionId unique key of the message; null from some
 * @param topic the message's topic; null from clients before 5.0
 */
public record EndTransactionRequest(
        String producerGroup,
        long tranStateTableOffset,
        long commitLogOffset,
        int commitOrRollback,
        @Nullable String msgId,
        boolean fromTransactionCheck,
        @Nullable String transactionId,
        @Nullable String topic)
        implements Header {
    /** Delivers the message. */
    public static final int COMMIT = 8;

    /** Deletes the message. */
    public static final int ROLLBACK = 12;

    /** The producer does not know. */
    public static final int UNKNOWN = 0;

    /** Reads the header. */
    public static EndTransactionRequest read(Fields from) {
        return new EndTransactionRequest(
                from.requiredText("producerGroup"),
                from.requiredLong("tranStateTableOffset"),
                from.requiredLong("commitLogOffset"),
                from.requiredInt("commitOrRollback"),
                from.text("msgId"),
                from.flagOr("fromTransactionCheck", false),
                from.text("transactionId"),
                from.text("topic"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("producerGroup", producerGroup);
        out.put("tranStateTableOffset", tranStateTableOffset);
        out.put("commitLogOffset", commitLogOffset);
        out.put("commitOrRollback", commitOrRollback);
        out.putIfPresent("msgId", msgId);
        out.put("fromTransactionCheck", fromTransactionCheck);
        out.putIfPresent("transactionId", transactionId);
        out.putIfPresent("topic", topic);
    }
}
