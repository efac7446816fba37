package org.merlinmq.protocol.body;

import java.util.List;
import java.util.zip.CRC32;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * Body of {@code REGISTER_BROKER} (103): the topics of a broker.
 *
 * <p>Format: JSON, or, if the header says compressed, a zlib stream of parts with their length in front.
 *
 * @param topics the topics and their version
 * @param filterServers addresses of filter servers, not used any more
 */
public record RegisterBrokerBody(TopicConfigTable topics, List<String> filterServers) implements JsonBody {
    private static final int WITHOUT_SIGN = 0x7FFFFFFF;

    /**
     * Reads the body.
     *
     * @param body its bytes
     * @param compressed what the header says
     * @param brokerVersion version of the broker, which decides what a compressed body ends with
     * @return the body
     */
    public static RegisterBrokerBody read(byte[] body, boolean compressed, int brokerVersion) {
        return compressed ? RegisterBrokerStream.read(body, brokerVersion) : read(JsonReader.readObject(body));
    }

    /**
     * Reads the body; a bare table of topics, as brokers before 3.0.11 send it, is taken too.
     *
     * @param json its fields
     * @return the body
     */
    public static RegisterBrokerBody read(JsonObject json) {
        JsonObject topics = json.object("topicConfigSerializeWrapper");
        return new RegisterBrokerBody(
                TopicConfigTable.read(topics == null ? json : topics), json.texts("filterServerList"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("filterServerList", filterServers);
        topics.writeTo(out.key("topicConfigSerializeWrapper"));
        out.endObject();
    }

    /**
     * Writes the body as a compressed stream, with the section of static topics that brokers of 5.x have.
     *
     * @return its bytes
     */
    public byte[] writeCompressed() {
        return RegisterBrokerStream.write(this);
    }

    /**
     * The checksum that the header carries.
     *
     * @param body the bytes as they are sent
     * @return CRC-32 without its highest bit
     */
    public static int crc(byte[] body) {
        CRC32 crc = new CRC32();
        crc.update(body);
        return (int) crc.getValue() & WITHOUT_SIGN;
    }
}
