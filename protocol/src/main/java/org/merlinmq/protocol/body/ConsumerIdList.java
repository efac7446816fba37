package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_CONSUMER_LIST_BY_GROUP} (38): ids of the clients of a group.
 *
 * @param consumerIdList the ids
 */
public record ConsumerIdList(List<String> consumerIdList) implements JsonBody {
    public static ConsumerIdList read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static ConsumerIdList read(JsonObject json) {
        return new ConsumerIdList(json.texts("consumerIdList"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("consumerIdList", consumerIdList);
        out.endObject();
    }
}
