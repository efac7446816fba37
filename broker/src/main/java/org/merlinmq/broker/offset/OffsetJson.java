package org.merlinmq.broker.offset;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.merlinmq.protocol.body.ConsumerOffsetTable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Committed offsets as the JSON text that RocketMQ keeps in {@code consumerOffset.json} and answers to request 43.
 *
 * <p>Format: {@code {"offsetTable":{"topic@group":{"queueId":queueOffset}}}}; RocketMQ writes the queue ids bare.
 */
public final class OffsetJson {
    private static final Logger LOG = LoggerFactory.getLogger(OffsetJson.class);

    private OffsetJson() {}

    /**
     * Writes all offsets.
     *
     * @param table the offsets
     * @return the text
     */
    public static byte[] write(OffsetTable table) {
        Map<String, SortedMap<Integer, Long>> all = new TreeMap<>();
        table.forEach(of -> {
            SortedMap<Integer, Long> queues = new TreeMap<>();
            for (int queueId = 0; queueId < of.queues(); queueId++) {
                if (of.committed(queueId) != ConsumeProgress.NONE) {
                    queues.put(queueId, of.committed(queueId));
                }
            }
            all.put(of.topic() + "@" + of.group(), queues);
        });
        return new ConsumerOffsetTable(new DataVersion(table.flushes(), 0, 0), all).write();
    }

    /**
     * One offset of a text.
     *
     * @param group the group
     * @param topic the topic
     * @param queueId the queue, one that there may be
     * @param queueOffset the next message to consume
     */
    public record Entry(String group, String topic, int queueId, long queueOffset) {}

    /**
     * Takes over the offsets of a RocketMQ broker, all or, where the text is damaged, none. Entries that name no queue are
     * passed over, with a warning.
     *
     * @param text the file's text
     * @param into takes and journals them
     * @return how many queues were taken over
     * @throws org.merlinmq.protocol.json.JsonException if it is no such text
     */
    public static int read(byte[] text, OffsetTable into) {
        return take(entries(text), into);
    }

    /**
     * The offsets of a RocketMQ broker. Entries that name no queue are passed over, with a warning.
     *
     * @param text the text of its file, or its answer to request 43
     * @return the offsets
     * @throws org.merlinmq.protocol.json.JsonException if it is no such text
     */
    public static List<Entry> entries(byte[] text) {
        List<Entry> entries = new ArrayList<>();
        for (JsonObject.Member entry : JsonReader.readObject(text).membersOf("offsetTable")) {
            String name = entry.name();
            int split = name.lastIndexOf('@');
            for (JsonObject.Member queue : entry.object().members()) {
                long queueId = queue.keyNumber();
                if (split > 0 && split < name.length() - 1 && queueId >= 0 && queueId < ConsumeProgress.MAX_QUEUES) {
                    entries.add(new Entry(
                            name.substring(split + 1), name.substring(0, split), (int) queueId, queue.number()));
                } else {
                    notTaken(name, queueId, queue.number());
                }
            }
        }
        return entries;
    }

    /**
     * Takes over offsets.
     *
     * @param entries the offsets
     * @param into takes and journals them
     * @return how many queues were taken over
     */
    public static int take(List<Entry> entries, OffsetTable into) {
        int taken = 0;
        for (Entry entry : entries) {
            if (into.commit(entry.group, entry.topic, entry.queueId, entry.queueOffset)) {
                taken++;
            } else {
                notTaken(entry.topic + "@" + entry.group, entry.queueId, entry.queueOffset);
            }
        }
        into.flush();
        return taken;
    }

    private static void notTaken(String entry, long queueId, long queueOffset) {
        LOG.warn("offset-not-taken-over entry={} queue={} offset={}", entry, queueId, queueOffset);
    }
}
