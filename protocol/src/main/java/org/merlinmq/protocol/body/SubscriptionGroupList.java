package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST} (225): groups to create or change.
 *
 * @param groupConfigList the groups
 */
public record SubscriptionGroupList(List<SubscriptionGroup> groupConfigList) implements JsonBody {
    public static SubscriptionGroupList read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static SubscriptionGroupList read(JsonObject json) {
        return new SubscriptionGroupList(Tables.list(json, "groupConfigList", SubscriptionGroup::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "groupConfigList", groupConfigList);
        out.endObject();
    }
}
