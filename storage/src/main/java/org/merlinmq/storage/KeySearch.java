package org.merlinmq.storage;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.KeyHash;
import org.merlinmq.storage.index.KeyIndex;
import org.merlinmq.storage.log.LogReader;
import org.merlinmq.storage.run.RunFile;

/**
 * Finds messages by a key: the index gives those whose hash fits, the records themselves decide. Where the index is
 * damaged, all records are looked at.
 */
final class KeySearch {
    private final LogReader log;
    private final KeyIndex keys;
    private final RecordView view = new RecordView();
    private long[] found = new long[16];
    private int count;

    KeySearch(LogReader log, KeyIndex keys) {
        this.log = log;
        this.keys = keys;
    }

    long[] find(String topic, String key, int max, long beginMillis, long endMillis) {
        byte[] topicBytes = Bytes.utf8(topic);
        byte[] keyBytes = Bytes.utf8(key);
        long hash = KeyHash.of(KeyHash.topic(topicBytes, 0, topicBytes.length), keyBytes, 0, keyBytes.length);
        List<RunFile> unread = keys.query(hash, log.minLogOffset(), log.maxLogOffset(), logOffset -> {
            byte[] record = count < max ? log.readRecord(logOffset) : null;
            if (record != null && view.on(record, 0, record.length)) {
                if (view.storeMillis() < beginMillis) {
                    // Older ones were stored still earlier.
                    return false;
                }
                if (view.storeMillis() <= endMillis && view.topic().equals(topic) && hasKey(view, key)) {
                    add(logOffset);
                }
            }
            return count < max;
        });
        for (RunFile run : unread) {
            log.scan(Math.max(log.minLogOffset(), run.minLogOffset()), run.maxLogOffset() + 1, (record, _) -> {
                long stored = record.storeMillis();
                if (stored >= beginMillis
                        && stored <= endMillis
                        && record.topic().equals(topic)
                        && hasKey(record, key)) {
                    add(record.logOffset());
                }
            });
        }
        return unread.isEmpty() ? Arrays.copyOf(found, count) : newest(max);
    }

    /** What was found in any order, the newest first and each once. */
    private long[] newest(int max) {
        long[] rising = Arrays.stream(found, 0, count).sorted().distinct().toArray();
        long[] falling = new long[Math.min(max, rising.length)];
        for (int i = 0; i < falling.length; i++) {
            falling[i] = rising[rising.length - 1 - i];
        }
        return falling;
    }

    private static boolean hasKey(RecordView view, String key) {
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
