package org.merlinmq.protocol.request;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code QUERY_MESSAGE} (12): asks for messages by key.
 *
 * @param topic the topic
 * @param key the key
 * @param maxNum most messages wanted
 * @param beginTimestamp first store time
 * @param endTimestamp last store time
 * @param indexType kind of key: K, U or T; null from clients before 5.4
 * @param lastKey where to go on; null: at the start
 * @param uniqueKey whether the key is a unique key
 */
public record QueryMessageRequest(
        String topic,
        String key,
        int maxNum,
        long beginTimestamp,
        long endTimestamp,
        @Nullable String indexType,
        @Nullable String lastKey,
        boolean uniqueKey)
        implements Header {
    /** Reads the header. */
    public static QueryMessageRequest read(Fields from) {
        return new QueryMessageRequest(
                from.requiredText("topic"),
                from.requiredText("key"),
                from.requiredInt("maxNum"),
                from.requiredLong("beginTimestamp"),
                from.requiredLong("endTimestamp"),
                from.text("indexType"),
                from.text("lastKey"),
                from.flagOr("_UNIQUE_KEY_QUERY", false));
    }

    @Override
    public void write(FieldSink out) {
        out.put("topic", topic);
        out.put("key", key);
        out.put("maxNum", maxNum);
        out.put("beginTimestamp", beginTimestamp);
        out.put("endTimestamp", endTimestamp);
        out.putIfPresent("indexType", indexType);
        out.putIfPresent("lastKey", lastKey);
        out.put("_UNIQUE_KEY_QUERY", uniqueKey);
    }
}
