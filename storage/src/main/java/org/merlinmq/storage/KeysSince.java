package org.merlinmq.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.KeyHash;
import org.merlinmq.storage.facts.KeyVisitor;
import org.merlinmq.storage.index.KeyIndex;
import org.merlinmq.storage.log.LogReader;
import org.merlinmq.storage.run.RunFile;

/** Visits the keys of the messages that were stored since some time: by the key index, or, where that cannot be read, by the log. */
final class KeysSince {
    private final LogReader log;
    private final @Nullable KeyIndex keys;

    KeysSince(LogReader log, @Nullable KeyIndex keys) {
        this.log = log;
        this.keys = keys;
    }

    void forEach(long fromMillis, KeyVisitor visitor) {
        long from = logOffsetBefore(fromMillis);
        if (keys == null) {
            log.scan(from, log.maxLogOffset(), (record, _) -> visit(record, visitor));
            return;
        }
        for (RunFile run : keys.forEach(from, visitor)) {
            log.scan(Math.max(from, run.minLogOffset()), run.maxLogOffset() + 1, (record, _) -> visit(record, visitor));
        }
    }

    /** Where a segment begins before which all was stored earlier. */
    private long logOffsetBefore(long fromMillis) {
        List<Long> ends = log.segmentEnds();
        long[] newest = log.newestMillisBySegment();
        long from = log.minLogOffset();
        for (int i = 0; i < Math.min(newest.length, ends.size()) && newest[i] < fromMillis; i++) {
            from = ends.get(i);
        }
        return from;
    }

    private static void visit(RecordView record, KeyVisitor visitor) {
        String key = record.properties().get(PropertyName.UNIQ_KEY);
        if (key != null) {
            byte[] bytes = Bytes.utf8(key);
            long topic = KeyHash.topic(record.bytes(), record.topicAt(), record.topicBytes());
            visitor.visit(KeyHash.of(topic, bytes, 0, bytes.length), record.logOffset());
        }
    }
}
