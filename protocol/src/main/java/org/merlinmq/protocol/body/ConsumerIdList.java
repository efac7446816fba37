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
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static ConsumerIdList read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
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
