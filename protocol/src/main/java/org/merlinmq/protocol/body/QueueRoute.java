package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * The queues that one broker group has of a topic.
 *
 * @param brokerName name of the broker group
 * @param perm bits: 4 read, 2 write, 1 inherit
 * @param readQueueNums queues to read
 * @param topicSysFlag bits of the topic
 * @param writeQueueNums queues to write
 */
public record QueueRoute(String brokerName, int perm, int readQueueNums, int topicSysFlag, int writeQueueNums)
        implements JsonBody {
    public static QueueRoute read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /** Reads the body. */
    public static QueueRoute read(JsonObject json) {
        return new QueueRoute(
                json.requiredText("brokerName"),
                json.intOr("perm", 0),
                json.intOr("readQueueNums", 0),
                json.intOr("topicSysFlag", json.intOr("topicSynFlag", 0)),
                json.intOr("writeQueueNums", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("brokerName", brokerName);
        out.field("perm", perm);
        out.field("readQueueNums", readQueueNums);
        out.field("topicSysFlag", topicSysFlag);
        out.field("writeQueueNums", writeQueueNums);
        out.endObject();
    }
}
