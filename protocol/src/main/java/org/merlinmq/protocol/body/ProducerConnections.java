package org.merlinmq.protocol.body;

import java.util.List;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code GET_PRODUCER_CONNECTION_LIST} (204): the clients of a producer group.
 *
 * @param connections the clients
 */
public record ProducerConnections(List<ClientConnection> connections) implements JsonBody {
    public static ProducerConnections read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    public static ProducerConnections read(JsonObject json) {
        return new ProducerConnections(Tables.list(json, "connectionSet", ClientConnection::read));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        Tables.writeList(out, "connectionSet", connections);
        out.endObject();
    }
}
