package org.merlinmq.broker.topic;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigTable;

/**
 * Topic tables as RocketMQ writes them, in {@code config/topics.json} and in answers to request 21.
 *
 * <p>Threading: no state; any thread.
 */
final class TopicsJson {
    private TopicsJson() {}

    /** Reads a file; a {@link org.merlinmq.protocol.json.JsonException} says what is wrong with it. */
    static List<TopicConfig> read(byte[] json) {
        return List.copyOf(TopicConfigTable.read(json).topicConfigTable().values());
    }

    /** The file's content, and the body of an answer. */
    static byte[] write(List<TopicConfig> configs, DataVersion version) {
        Map<String, TopicConfig> table = new LinkedHashMap<>();
        configs.forEach(config -> table.put(config.topicName(), config));
        return new TopicConfigTable(version, table).write();
    }
}
