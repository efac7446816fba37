package org.merlinmq.protocol.body;

import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * The addresses of a broker group.
 *
 * @param brokerAddrs {@code ip:port} by broker id, 0 is the master
 * @param brokerName name of the broker group
 * @param cluster name of the cluster
 * @param enableActingMaster whether a slave may act as master
 * @param zoneName the zone; null outside of zones
 */
public record BrokerAddresses(
        SortedMap<Long, String> brokerAddrs,
        String brokerName,
        String cluster,
        boolean enableActingMaster,
        @Nullable String zoneName)
        implements JsonBody {
    public static BrokerAddresses read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static BrokerAddresses read(JsonObject json) {
        return new BrokerAddresses(
                Tables.textsByNumber(json, "brokerAddrs"),
                json.requiredText("brokerName"),
                json.requiredText("cluster"),
                json.booleanOr("enableActingMaster", false),
                json.text("zoneName"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeTextsByNumber(out, "brokerAddrs", brokerAddrs);
        out.field("brokerName", brokerName);
        out.field("cluster", cluster);
        out.field("enableActingMaster", enableActingMaster);
        out.field("zoneName", zoneName);
        out.endObject();
    }
}
