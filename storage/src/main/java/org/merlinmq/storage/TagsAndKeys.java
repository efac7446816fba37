package org.merlinmq.storage;

import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.SysFlag;

/**
 * Derives what every broker of this protocol derives: the hash of the tag, and the unique key and the words of the keys.
 * A record that marks a prepared or rolled back transaction enters no queue.
 */
public final class TagsAndKeys implements RecordIndexer {
    private static final byte[] TAGS = Bytes.ascii(PropertyName.TAGS);
    private static final byte[] KEYS = Bytes.ascii(PropertyName.KEYS);
    private static final byte[] UNIQ_KEY = Bytes.ascii(PropertyName.UNIQ_KEY);

    /** Knows nothing of delays. */
    public TagsAndKeys() {}

    @Override
    public void index(RecordView record, IndexSink sink) {
        byte[] b = record.bytes();
        int at = record.propertiesAt();
        int end = at + record.propertiesBytes();
        int transaction = SysFlag.transaction(record.sysFlag());
        if (transaction == SysFlag.PREPARED || transaction == SysFlag.ROLLBACK) {
            sink.unqueued();
        }
        int tags = PropertyBytes.find(b, at, end - at, TAGS);
        if (tags >= 0) {
            sink.tagsCode(Bytes.javaHash(b, tags, PropertyBytes.valueBytes(b, tags, end)));
        }
        if (transaction == SysFlag.ROLLBACK) {
            return;
        }
        long topic = KeyHash.topic(b, record.topicAt(), record.topicBytes());
        int unique = PropertyBytes.find(b, at, end - at, UNIQ_KEY);
        if (unique >= 0) {
            sink.key(KeyHash.of(topic, b, unique, PropertyBytes.valueBytes(b, unique, end)));
        }
        int keys = PropertyBytes.find(b, at, end - at, KEYS);
        if (keys >= 0) {
            eachWord(b, keys, keys + PropertyBytes.valueBytes(b, keys, end), topic, sink);
        }
    }

    private static void eachWord(byte[] b, int from, int to, long topic, IndexSink sink) {
        int begin = from;
        for (int i = from; i <= to; i++) {
            if (i == to || b[i] == ' ') {
                if (i > begin) {
                    sink.key(KeyHash.of(topic, b, begin, i - begin));
                }
                begin = i + 1;
            }
        }
    }
}
