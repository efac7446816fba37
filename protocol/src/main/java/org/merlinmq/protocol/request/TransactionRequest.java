package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code SHOW_TRANSACTION} (77002) and {@code DECIDE_TRANSACTION} (77003).
 *
 * @param id the transaction's id, which is the message's unique key, or the message id of its half message
 * @param decision {@code commit}, {@code rollback} or {@code check}; null in 77002
 */
public record TransactionRequest(String id, @Nullable String decision) implements Header {
    /** Delivers the message. */
    public static final String COMMIT = "commit";

    /** Deletes the message. */
    public static final String ROLLBACK = "rollback";

    /** Asks a producer now. */
    public static final String CHECK = "check";

    /** Reads the header. */
    public static TransactionRequest read(Fields from) {
        return new TransactionRequest(from.requiredText("id"), from.text("decision"));
    }

    @Override
    public void write(FieldSink out) {
        out.put("id", id);
        out.putIfPresent("decision", decision);
    }
}
