package org.merlinmq.protocol.body;

import java.util.List;
import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_BROKER_CLUSTER_INFO} (106): all broker groups and clusters.
 *
 * @param brokerAddrTable addresses by broker name
 * @param clusterAddrTable broker names by cluster
 */
public record ClusterTable(Map<String, BrokerAddresses> brokerAddrTable, Map<String, List<String>> clusterAddrTable)
        implements JsonBody {
    public static ClusterTable read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static ClusterTable read(JsonObject json) {
        return new ClusterTable(
                Tables.byName(json, "brokerAddrTable", BrokerAddresses::read),
                Tables.textLists(json, "clusterAddrTable"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeByName(out, "brokerAddrTable", brokerAddrTable);
        Tables.writeTextLists(out, "clusterAddrTable", clusterAddrTable);
        out.endObject();
    }
}
