package org.merlinmq.protocol.body;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code SHOW_TRANSACTION} (77002): a transaction that nobody has decided.
 *
 * @param transactionId unique key of the message; null if it has none
 * @param messageId message id of the half message
 * @param group the producer group
 * @param topic the message's topic
 * @param queueId its queue
 * @param bornTimestamp when it was sent
 * @param bornHost by whom
 * @param storeTimestamp when it was stored
 * @param bodyBytes size of its body
 * @param checks how often a producer was asked
 * @param nextCheckTimestamp when one is asked next; 0 if it was given up
 * @param givenUp whether it was given up, and is checked no more
 */
public record TransactionView(
        @Nullable String transactionId,
        String messageId,
        String group,
        String topic,
        int queueId,
        long bornTimestamp,
        String bornHost,
        long storeTimestamp,
        int bodyBytes,
        int checks,
        long nextCheckTimestamp,
        boolean givenUp)
        implements JsonBody {
    public static TransactionView read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static TransactionView read(JsonObject json) {
        return new TransactionView(
                json.text("transactionId"),
                json.requiredText("messageId"),
                json.textOr("group", ""),
                json.textOr("topic", ""),
                json.intOr("queueId", 0),
                json.longOr("bornTimestamp", 0),
                json.textOr("bornHost", ""),
                json.longOr("storeTimestamp", 0),
                json.intOr("bodyBytes", 0),
                json.intOr("checks", 0),
                json.longOr("nextCheckTimestamp", 0),
                json.booleanOr("givenUp", false));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("bodyBytes", bodyBytes);
        out.field("bornHost", bornHost);
        out.field("bornTimestamp", bornTimestamp);
        out.field("checks", checks);
        out.field("givenUp", givenUp);
        out.field("group", group);
        out.field("messageId", messageId);
        out.field("nextCheckTimestamp", nextCheckTimestamp);
        out.field("queueId", queueId);
        out.field("storeTimestamp", storeTimestamp);
        out.field("topic", topic);
        out.field("transactionId", transactionId);
        out.endObject();
    }
}
