package org.merlinmq.protocol.body;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.ProtocolVersion;
import org.merlinmq.protocol.json.JsonException;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonValue;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * The compressed form of a broker's registration.
 *
 * <pre>
 *  zlib( length:32 version as JSON | count:32 (length:32 topic)* | length:32 filter servers as JSON
 *        | from 5.0: count:32 (length:32 static topic as JSON)* )
 *
 *  topic = name readQueues writeQueues perm filterType [attributes as JSON]     separated by single blanks
 * </pre>
 */
final class RegisterBrokerStream {
    /** What a stream may grow to: a table of 500,000 topics takes half. */
    static final int MAX_BYTES = 64 * 1024 * 1024;

    private static final int TOPIC_FIELDS = 5;

    private final byte[] b;
    private final int end;
    private int at;

    private RegisterBrokerStream(ByteWriter plain) {
        b = plain.array();
        end = plain.length();
    }

    static RegisterBrokerBody read(byte[] body, int brokerVersion) {
        RegisterBrokerStream in = new RegisterBrokerStream(inflate(body));
        DataVersion version = DataVersion.read(JsonReader.readObject(Bytes.utf8(in.part())));
        int count = in.number();
        Map<String, TopicConfig> topics = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            TopicConfig topic = topic(in.part());
            topics.put(topic.topicName(), topic);
        }
        List<String> filterServers = texts(in.part());
        if (brokerVersion >= ProtocolVersion.V5_0_0 && in.at < in.end) {
            int mappings = in.number();
            for (int i = 0; i < mappings; i++) {
                in.part();
            }
        }
        return new RegisterBrokerBody(new TopicConfigTable(version, topics), filterServers);
    }

    private static ByteWriter inflate(byte[] body) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(body);
            ByteWriter plain = new ByteWriter(4 * body.length + 64);
            while (!inflater.finished()) {
                int at = plain.ensure(4096);
                int n = inflater.inflate(plain.array(), at, plain.array().length - at);
                if (n == 0 && !inflater.finished()) {
                    throw new JsonException("a compressed registration ends early");
                }
                plain.advance(n);
                if (plain.length() > MAX_BYTES) {
                    throw new JsonException("a compressed registration grows above " + MAX_BYTES + " bytes");
                }
            }
            return plain;
        } catch (DataFormatException e) {
            throw new JsonException("a compressed registration is no zlib stream: " + e.getMessage());
        } finally {
            inflater.end();
        }
    }

    private int number() {
        if (end - at < 4) {
            throw new JsonException("a compressed registration ends in a number at byte " + at);
        }
        int number = Bytes.getInt(b, at);
        at += 4;
        if (number < 0 || number > end - at) {
            throw new JsonException("a compressed registration has " + number + " of something at byte " + (at - 4));
        }
        return number;
    }

    private String part() {
        int length = number();
        String part = Bytes.text(b, at, length);
        at += length;
        return part;
    }

    private static TopicConfig topic(String text) {
        String[] fields = text.split(" ", TOPIC_FIELDS + 1);
        if (fields.length < TOPIC_FIELDS) {
            throw new JsonException("expected a topic of " + TOPIC_FIELDS + " fields, found \"" + text + '"');
        }
        try {
            return new TopicConfig(
                    fields[0],
                    Integer.parseInt(fields[1]),
                    Integer.parseInt(fields[2]),
                    Integer.parseInt(fields[3]),
                    fields[4],
                    0,
                    false,
                    fields.length > TOPIC_FIELDS ? attributes(fields[TOPIC_FIELDS]) : Map.of());
        } catch (NumberFormatException e) {
            throw new JsonException("expected numbers in a topic, found \"" + text + '"');
        }
    }

    private static Map<String, String> attributes(String json) {
        return json.isBlank() ? Map.of() : Tables.texts(wrapped(JsonReader.readObject(Bytes.utf8(json))), "v");
    }

    private static List<String> texts(String json) {
        if (json.isBlank() || json.equals("null")) {
            return new ArrayList<>();
        }
        return wrapped(JsonReader.read(Bytes.utf8(json))).texts("v");
    }

    // The readers of fields want an object around the value.
    private static JsonObject wrapped(JsonValue value) {
        return new JsonObject(List.of(new JsonObject.Member(new JsonValue.Text("v"), value)));
    }

    static byte[] write(RegisterBrokerBody body) {
        ByteWriter plain = new ByteWriter();
        part(plain, body.topics().dataVersion().write());
        plain.putInt(body.topics().topicConfigTable().size());
        body.topics().topicConfigTable().values().forEach(topic -> part(plain, Bytes.utf8(text(topic))));
        JsonWriter servers = new JsonWriter().beginArray();
        body.filterServers().forEach(servers::value);
        part(plain, servers.endArray().toByteArray());
        plain.putInt(0);
        return deflate(plain);
    }

    private static void part(ByteWriter out, byte[] bytes) {
        out.putInt(bytes.length).put(bytes);
    }

    private static String text(TopicConfig topic) {
        String text = topic.topicName()
                + ' '
                + topic.readQueueNums()
                + ' '
                + topic.writeQueueNums()
                + ' '
                + topic.perm()
                + ' '
                + topic.topicFilterType();
        if (topic.attributes().isEmpty()) {
            return text;
        }
        JsonWriter json = new JsonWriter().beginObject();
        topic.attributes().forEach(json::field);
        byte[] bytes = json.endObject().toByteArray();
        return text + ' ' + Bytes.text(bytes, 0, bytes.length);
    }

    private static byte[] deflate(ByteWriter plain) {
        Deflater deflater = new Deflater();
        try {
            deflater.setInput(plain.array(), 0, plain.length());
            deflater.finish();
            ByteWriter out = new ByteWriter(plain.length() / 2 + 64);
            while (!deflater.finished()) {
                int at = out.ensure(1024);
                out.advance(deflater.deflate(out.array(), at, out.array().length - at));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }
}
