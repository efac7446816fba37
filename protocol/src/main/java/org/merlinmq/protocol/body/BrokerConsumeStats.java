package org.merlinmq.protocol.body;

import java.util.List;
import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_BROKER_CONSUME_STATS} (317): how far all groups are.
 *
 * @param brokerAddr {@code ip:port} of the broker
 * @param consumeStatsList one map per group: stats per topic by group
 * @param totalDiff messages not consumed
 * @param totalInflightDiff messages pulled and not consumed
 */
public record BrokerConsumeStats(
        String brokerAddr,
        List<Map<String, List<ConsumeStats>>> consumeStatsList,
        long totalDiff,
        long totalInflightDiff)
        implements JsonBody {
    public static BrokerConsumeStats read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static BrokerConsumeStats read(JsonObject json) {
        return new BrokerConsumeStats(
                json.requiredText("brokerAddr"),
                Tables.listOfLists(json, "consumeStatsList", ConsumeStats::read),
                json.longOr("totalDiff", 0),
                json.longOr("totalInflightDiff", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("brokerAddr", brokerAddr);
        Tables.writeListOfLists(out, "consumeStatsList", consumeStatsList);
        out.field("totalDiff", totalDiff);
        out.field("totalInflightDiff", totalInflightDiff);
        out.endObject();
    }
}
