package org.merlinmq.protocol.body;

import java.util.Map;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * The settings of a topic; body of {@code GET_TOPIC_CONFIG} (351).
 *
 * @param topicName its name
 * @param readQueueNums queues to read
 * @param writeQueueNums queues to write
 * @param perm bits: {@link #READ}, {@link #WRITE}, {@link #INHERIT}
 * @param topicFilterType {@code SINGLE_TAG} or {@code MULTI_TAG}
 * @param topicSysFlag bits: 1 unit, 2 has unit subscriptions
 * @param order whether the topic is orderly throughout the cluster
 * @param attributes further settings by name, without signs
 */
public record TopicConfig(
        String topicName,
        int readQueueNums,
        int writeQueueNums,
        int perm,
        String topicFilterType,
        int topicSysFlag,
        boolean order,
        Map<String, String> attributes)
        implements JsonBody {
    /** Bit of {@code perm}: consumers may read. */
    public static final int READ = 4;

    /** Bit of {@code perm}: producers may write. */
    public static final int WRITE = 2;

    /** Bit of {@code perm}: new topics may take these settings. */
    public static final int INHERIT = 1;

    /** The filter type of nearly all topics. */
    public static final String SINGLE_TAG = "SINGLE_TAG";

    private static final int DEFAULT_QUEUES = 16;

    /**
     * A readable and writable topic.
     *
     * @param topicName its name
     * @param queueNums queues to read and to write
     * @return its settings
     */
    public static TopicConfig of(String topicName, int queueNums) {
        return new TopicConfig(topicName, queueNums, queueNums, READ | WRITE, SINGLE_TAG, 0, false, Map.of());
    }

    /**
     * The same settings with another permission.
     *
     * @param other bits
     * @return the settings
     */
    public TopicConfig withPerm(int other) {
        return new TopicConfig(
                topicName, readQueueNums, writeQueueNums, other, topicFilterType, topicSysFlag, order, attributes);
    }

    /**
     * The same settings, orderly or not.
     *
     * @param other whether the topic is orderly
     * @return the settings
     */
    public TopicConfig withOrder(boolean other) {
        return new TopicConfig(
                topicName, readQueueNums, writeQueueNums, perm, topicFilterType, topicSysFlag, other, attributes);
    }

    /**
     * Reads the settings.
     *
     * @param body their JSON in UTF-8
     * @return the settings
     */
    public static TopicConfig read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the settings; what is absent is as for a new topic.
     *
     * @param json their fields
     * @return the settings
     */
    public static TopicConfig read(JsonObject json) {
        return new TopicConfig(
                json.requiredText("topicName"),
                json.intOr("readQueueNums", DEFAULT_QUEUES),
                json.intOr("writeQueueNums", DEFAULT_QUEUES),
                json.intOr("perm", READ | WRITE),
                json.textOr("topicFilterType", SINGLE_TAG),
                json.intOr("topicSysFlag", 0),
                json.booleanOr("order", false),
                Tables.texts(json, "attributes"));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("attributes", attributes).field("order", order).field("perm", perm);
        out.field("readQueueNums", readQueueNums).field("topicFilterType", topicFilterType);
        out.field("topicName", topicName).field("topicSysFlag", topicSysFlag).field("writeQueueNums", writeQueueNums);
        out.endObject();
    }
}
