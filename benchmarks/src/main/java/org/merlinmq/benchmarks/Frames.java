package org.merlinmq.benchmarks;

import java.nio.charset.StandardCharsets;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;
import org.merlinmq.protocol.frame.HeaderForm;

/** Requests, byte for byte as RocketMQ's clients write them. */
final class Frames {
    /** The properties of a plain message: its unique key and that the answer waits for the disk if so configured. */
    static final String PROPERTIES = "UNIQ_KEY\u00017F0000015A5A18B4AAC2000000000000\u0002WAIT\u0001true\u0002";

    private Frames() {}

    /** A body of printable bytes that do not repeat soon. */
    static byte[] body(int bytes) {
        byte[] body = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            body[i] = (byte) ('a' + (i * 31 + i / 7) % 26);
        }
        return body;
    }

    /** A send of one message as the client of RocketMQ 4.9.7 writes it. */
    static byte[] sendOf49(String topic, int queueId, byte[] body) {
        return send(topic, queueId, "", 401, body);
    }

    /** A send of one message as the client of RocketMQ 5.5.0 writes it: the broker's name comes with it. */
    static byte[] sendOf55(String topic, int queueId, byte[] body) {
        return send(topic, queueId, ",\"n\":\"broker-a\"", 493, body);
    }

    /** A pull with its subscription in the request. */
    static byte[] pull(String topic, int queueId) {
        String header = String.format("""
                {"code":11,"extFields":{"queueId":"%d","maxMsgNums":"32","sysFlag":"6","suspendTimeoutMillis":"15000",\
                "commitOffset":"0","topic":"%s","queueOffset":"123456789","expressionType":"TAG",\
                "subVersion":"1795000000000","consumerGroup":"bench_consumer","subscription":"*"},\
                "flag":0,"language":"JAVA","opaque":1001,"serializeTypeCurrentRPC":"JSON","version":401}""", queueId, topic);
        return frame(header, new byte[0]);
    }

    private static byte[] send(String topic, int queueId, String moreFields, int version, byte[] body) {
        String properties = PROPERTIES.replace("\u0001", "\\u0001").replace("\u0002", "\\u0002");
        String header = String.format("""
                {"code":310,"extFields":{"a":"bench_producer","b":"%s","c":"TBW102","d":"4","e":"%d","f":"0",\
                "g":"1795000000000","h":"0","i":"%s","j":"0","k":"false","m":"false"%s},\
                "flag":0,"language":"JAVA","opaque":1000,"serializeTypeCurrentRPC":"JSON","version":%d}""", topic, queueId, properties, moreFields, version);
        return frame(header, body);
    }

    /** The same frame with its header in another form. */
    static byte[] inForm(HeaderForm form, byte[] frame) {
        Frame decoded = FrameCodec.decode(frame, 0, frame.length);
        return decoded.withForm(form).toBytes();
    }

    private static byte[] frame(String header, byte[] body) {
        byte[] head = header.getBytes(StandardCharsets.UTF_8);
        ByteWriter out = new ByteWriter(8 + head.length + body.length);
        out.putInt(4 + head.length + body.length).putInt(head.length).put(head).put(body);
        byte[] bytes = new byte[out.length()];
        System.arraycopy(out.array(), 0, bytes, 0, bytes.length);
        return bytes;
    }
}
