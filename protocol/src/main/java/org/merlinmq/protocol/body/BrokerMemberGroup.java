package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_BROKER_MEMBER_GROUP} (901): the addresses of a broker group, in a field {@code
 * brokerMemberGroup}.
 *
 * @param brokerMemberGroup the addresses
 */
public record BrokerMemberGroup(BrokerAddresses brokerMemberGroup) implements JsonBody {
    public static BrokerMemberGroup read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static BrokerMemberGroup read(JsonObject json) {
        return new BrokerMemberGroup(BrokerAddresses.read(Tables.required(json, "brokerMemberGroup")));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        brokerMemberGroup.writeTo(out.key("brokerMemberGroup"));
        out.endObject();
    }
}
