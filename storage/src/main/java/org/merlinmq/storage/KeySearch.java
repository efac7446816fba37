package org.merlinmq.storage;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.index.KeyIndex;
import org.merlinmq.storage.log.CommitLog;

/** Finds messages by a key: the index gives those whose hash fits, the records themselves decide. */
final class KeySearch {
    private final CommitLog log;
    private final KeyIndex keys;
    private final RecordView view = new RecordView();
    private long[] found = new long[16];
    private int count;

    KeySearch(CommitLog log, KeyIndex keys) {
        this.log = log;
        this.keys = keys;
    }

    long[] find(String topic, String key, int max, long beginMillis, long endMillis) {
        byte[] topicBytes = Bytes.utf8(topic);
        byte[] keyBytes = Bytes.utf8(key);
        long hash = KeyHash.of(KeyHash.topic(topicBytes, 0, topicBytes.length), keyBytes, 0, keyBytes.length);
        keys.query(hash, log.minLogOffset(), log.maxLogOffset(), logOffset -> {
            byte[] record = count < max ? log.readRecord(logOffset) : null;
            if (record != null && view.on(record, 0, record.length)) {
                if (view.storeMillis() < beginMillis) {
                    // Older ones were stored still earlier.
                    return false;
                }
                if (view.storeMillis() <= endMillis && view.topic().equals(topic) && hasKey(key)) {
                    add(logOffset);
                }
            }
            return count < max;
        });
        return Arrays.copyOf(found, count);
    }

    private boolean hasKey(String key) {
        Map<String, String> properties = view.properties();
        String words = properties.getOrDefault(PropertyName.KEYS, "");
        return key.equals(properties.get(PropertyName.UNIQ_KEY))
                || List.of(words.split(" ")).contains(key);
    }

    private void add(long logOffset) {
        if (count == found.length) {
            found = Arrays.copyOf(found, count * 2);
        }
        found[count++] = logOffset;
    }
}
