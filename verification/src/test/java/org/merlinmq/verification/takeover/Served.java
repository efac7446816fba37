package org.merlinmq.verification.takeover;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.verification.server.Talk;

/**
 * What clients see of a broker.
 *
 * @param queues the records of each queue that has some, by {@code topic/queueId}
 * @param begins min offset of each of these
 * @param topics the settings of each topic that users made
 * @param groups the settings of each group
 * @param committed committed offsets, by {@code group topic/queueId}
 * @param found log offsets of messages by {@code topic key}
 */
record Served(
        SortedMap<String, List<byte[]>> queues,
        SortedMap<String, Long> begins,
        SortedMap<String, String> topics,
        SortedMap<String, String> groups,
        SortedMap<String, Long> committed,
        SortedMap<String, Set<Long>> found) {
    private static final List<String> TOPIC_SETTINGS =
            List.of("readQueueNums", "writeQueueNums", "perm", "topicFilterType", "topicSysFlag", "order");
    private static final List<String> GROUP_SETTINGS = List.of(
            "consumeEnable",
            "consumeFromMinEnable",
            "consumeBroadcastEnable",
            "retryQueueNums",
            "retryMaxTimes",
            "brokerId",
            "whichBrokerWhenConsumeSlowly",
            "notifyConsumerIdsChangedEnable");

    static Served by(Talk broker) throws IOException {
        Served served = new Served(
                new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        for (JsonObject.Member topic : broker.table(RequestCode.GET_ALL_TOPIC_CONFIG, "topicConfigTable")
                .members()) {
            served.readTopic(broker, topic.name(), topic.object());
        }
        for (JsonObject.Member group : broker.table(
                        RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG, "subscriptionGroupTable")
                .members()) {
            served.groups.put(group.name(), settings(group.object(), GROUP_SETTINGS));
        }
        served.search(broker);
        return served;
    }

    private void readTopic(Talk broker, String topic, JsonObject config) throws IOException {
        if (topic.startsWith("Take") || topic.startsWith("%")) {
            topics.put(topic, settings(config, TOPIC_SETTINGS));
        }
        int queueCount = Math.max(config.intOr("readQueueNums", 0), config.intOr("writeQueueNums", 0));
        if (queueCount > 100) { // BenchmarkTest, which holds nothing
            return;
        }
        for (int queueId = 0; queueId < queueCount; queueId++) {
            if (broker.maxOffset(topic, queueId) > 0) {
                String name = topic + "/" + queueId;
                queues.put(name, broker.read(topic, queueId));
                begins.put(name, broker.offset(RequestCode.GET_MIN_OFFSET, topic, queueId));
                long offset = broker.committed(Filling.GROUP, topic, queueId);
                if (offset >= 0) {
                    committed.put(Filling.GROUP + " " + name, offset);
                }
            }
        }
    }

    private static String settings(JsonObject object, List<String> names) {
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            text.append(name).append('=').append(object.textOr(name, "")).append(' ');
        }
        return text.toString();
    }

    /** Looks for the keys that the messages of users have. */
    private void search(Talk broker) throws IOException {
        for (Map.Entry<String, List<byte[]>> queue : queues.entrySet()) {
            String topic = queue.getKey().substring(0, queue.getKey().lastIndexOf('/'));
            if (topic.startsWith("Take")) {
                for (byte[] bytes : queue.getValue()) {
                    Map<String, String> properties = record(bytes).properties();
                    String unique = properties.get("UNIQ_KEY");
                    if (unique != null) {
                        found.computeIfAbsent(topic + " " + unique, key -> search(broker, topic, unique, true));
                    }
                    for (String word : properties.getOrDefault("KEYS", "none").split(" ", -1)) {
                        found.computeIfAbsent(topic + " " + word, key -> search(broker, topic, word, false));
                    }
                }
            }
        }
    }

    private static Set<Long> search(Talk broker, String topic, String key, boolean unique) {
        try {
            return broker.find(topic, key, unique);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static RecordView record(byte[] bytes) {
        RecordView view = new RecordView();
        if (!view.on(bytes, 0, bytes.length)) {
            throw new AssertionError("no record");
        }
        return view;
    }

    /** The bodies of all messages of a topic, as text. */
    List<String> bodies(String topic) {
        List<String> bodies = new ArrayList<>();
        queues.forEach((name, records) -> {
            if (name.startsWith(topic + "/")) {
                for (byte[] bytes : records) {
                    RecordView view = record(bytes);
                    bodies.add(Bytes.text(bytes, view.bodyAt(), view.bodyBytes()));
                }
            }
        });
        return bodies;
    }

    int count() {
        return queues.values().stream().mapToInt(List::size).sum();
    }
}
