package org.merlinmq.protocol.body;

import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_ALL_SUBSCRIPTIONGROUP_CONFIG} (201): all groups of a broker.
 *
 * @param dataVersion version of the table
 * @param forbiddenTable by group and topic, bits of what is forbidden
 * @param subscriptionGroupTable groups by name
 */
public record SubscriptionGroupTable(
        DataVersion dataVersion,
        Map<String, Map<String, Integer>> forbiddenTable,
        Map<String, SubscriptionGroup> subscriptionGroupTable)
        implements JsonBody {
    public static SubscriptionGroupTable read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static SubscriptionGroupTable read(JsonObject json) {
        return new SubscriptionGroupTable(
                DataVersion.read(Tables.required(json, "dataVersion")),
                Tables.intsByNames(json, "forbiddenTable"),
                Tables.byName(json, "subscriptionGroupTable", SubscriptionGroup::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        dataVersion.writeTo(out.key("dataVersion"));
        Tables.writeIntsByNames(out, "forbiddenTable", forbiddenTable);
        Tables.writeByName(out, "subscriptionGroupTable", subscriptionGroupTable);
        out.endObject();
    }
}
