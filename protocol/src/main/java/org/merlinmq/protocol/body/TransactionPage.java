package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code LIST_TRANSACTIONS} (77001): a page of transactions.
 *
 * @param transactions the transactions, in the order in which they were stored
 * @param nextCursor where the next page begins; −1 if this was the last
 * @param open how many are open, of all groups and topics
 */
public record TransactionPage(List<TransactionView> transactions, long nextCursor, long open) implements JsonBody {
    /** There is no further page. */
    public static final long LAST = -1;

    public static TransactionPage read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static TransactionPage read(JsonObject json) {
        return new TransactionPage(
                Tables.list(json, "transactions", TransactionView::read),
                json.longOr("nextCursor", LAST),
                json.longOr("open", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("nextCursor", nextCursor);
        out.field("open", open);
        Tables.writeList(out, "transactions", transactions);
        out.endObject();
    }
}
