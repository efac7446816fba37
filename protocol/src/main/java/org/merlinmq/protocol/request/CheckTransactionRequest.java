package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code CHECK_TRANSACTION_STATE} (39): asks a producer about a half message, which is the body.
 *
 * @param tranStateTableOffset queue offset of the half message
 * @param commitLogOffset log offset of the half message
 * @param msgId unique key of the message
 * @param transactionId unique key of the message; null from old peers
 * @param offsetMsgId id that tells where the half message is stored
 * @param topic the real topic; read by clients of 5.x
 * @param brokerName name of the broker group; read by clients of 5.x
 */
public record CheckTransactionRequest(
        long tranStateTableOffset,
        long commitLogOffset,
        @Nullable String msgId,
        @Nullable String transactionId,
        @Nullable String offsetMsgId,
        @Nullable String topic,
        @Nullable String brokerName)
        implements Header {
    /**
     * Reads the header.
     *
     * @param from its fields
     * @return the header
     */
    public static CheckTransactionRequest read(Fields from) {
        return new CheckTransactionRequest(
                from.requiredLong("tranStateTableOffset"),
                from.requiredLong("commitLogOffset"),
                from.text("msgId"),
                from.text("transactionId"),
                from.text("offsetMsgId"),
                from.text("topic"),
                from.text("bname"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("tranStateTableOffset", tranStateTableOffset);
        out.put("commitLogOffset", commitLogOffset);
        out.putIfPresent("msgId", msgId);
        out.putIfPresent("transactionId", transactionId);
        out.putIfPresent("offsetMsgId", offsetMsgId);
        out.putIfPresent("topic", topic);
        out.putIfPresent("bname", brokerName);
    }
}
