package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonObject;
import org.merlinmq.protocol.json.JsonReader;
import org.merlinmq.protocol.json.JsonWriter;

/**
 * What a consumer holds of a queue.
 *
 * @param cachedMsgCount messages held
 * @param cachedMsgMaxOffset last offset held
 * @param cachedMsgMinOffset first offset held
 * @param cachedMsgSizeInMiB their size
 * @param commitOffset offset to be committed
 * @param dropped whether the queue was taken away
 * @param lastConsumeTimestamp in milliseconds since 1970
 * @param lastLockTimestamp in milliseconds since 1970
 * @param lastPullTimestamp in milliseconds since 1970
 * @param locked whether the lock is held
 * @param transactionMsgCount messages being consumed in order
 * @param transactionMsgMaxOffset last of them
 * @param transactionMsgMinOffset first of them
 * @param tryUnlockTimes tries to give the lock back
 */
public record ProcessQueueState(
        long cachedMsgCount,
        long cachedMsgMaxOffset,
        long cachedMsgMinOffset,
        long cachedMsgSizeInMiB,
        long commitOffset,
        boolean dropped,
        long lastConsumeTimestamp,
        long lastLockTimestamp,
        long lastPullTimestamp,
        boolean locked,
        long transactionMsgCount,
        long transactionMsgMaxOffset,
        long transactionMsgMinOffset,
        long tryUnlockTimes)
        implements JsonBody {
    /**
     * Reads the body.
     *
     * @param body its JSON in UTF-8
     * @return the body
     */
    public static ProcessQueueState read(byte[] body) {
        return read(JsonReader.readObject(body));
    }

    /**
     * Reads the body.
     *
     * @param json its fields
     * @return the body
     */
    public static ProcessQueueState read(JsonObject json) {
        return new ProcessQueueState(
                json.longOr("cachedMsgCount", 0),
                json.longOr("cachedMsgMaxOffset", 0),
                json.longOr("cachedMsgMinOffset", 0),
                json.longOr("cachedMsgSizeInMiB", 0),
                json.longOr("commitOffset", 0),
                json.booleanOr("droped", false),
                json.longOr("lastConsumeTimestamp", 0),
                json.longOr("lastLockTimestamp", 0),
                json.longOr("lastPullTimestamp", 0),
                json.booleanOr("locked", false),
                json.longOr("transactionMsgCount", 0),
                json.longOr("transactionMsgMaxOffset", 0),
                json.longOr("transactionMsgMinOffset", 0),
                json.longOr("tryUnlockTimes", 0));
    }

    @Override
    public void writeTo(JsonWriter out) {
        out.beginObject();
        out.field("cachedMsgCount", cachedMsgCount);
        out.field("cachedMsgMaxOffset", cachedMsgMaxOffset);
        out.field("cachedMsgMinOffset", cachedMsgMinOffset);
        out.field("cachedMsgSizeInMiB", cachedMsgSizeInMiB);
        out.field("commitOffset", commitOffset);
        out.field("droped", dropped);
        out.field("lastConsumeTimestamp", lastConsumeTimestamp);
        out.field("lastLockTimestamp", lastLockTimestamp);
        out.field("lastPullTimestamp", lastPullTimestamp);
        out.field("locked", locked);
        out.field("transactionMsgCount", transactionMsgCount);
        out.field("transactionMsgMaxOffset", transactionMsgMaxOffset);
        out.field("transactionMsgMinOffset", transactionMsgMinOffset);
        out.field("tryUnlockTimes", tryUnlockTimes);
        out.endObject();
    }
}
