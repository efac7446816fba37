package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code CHECK_TRANSACTION_STATE} (39): the broker asks a producer about a half message, whose record is the body.
 *
 * @param tranStateTableOffset queue offset of the half message, for the answer
 * @param commitLogOffset log offset of the half message, for the answer
 * @param msgId unique key of the message
 * @param transactionId unique key of the message
 * @param offsetMsgId message id of the half message
 * @param topic topic of half messages
 * @param bname the broker's name
 */
public record CheckTransactionRequest(
        long tranStateTableOffset,
        long commitLogOffset,
        @Nullable String msgId,
        @Nullable String transactionId,
        @Nullable String offsetMsgId,
        @Nullable String topic,
        @Nullable String bname)
        implements Header {
    /** Reads the header. */
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
        out.putIfPresent("bname", bname);
    }
}
