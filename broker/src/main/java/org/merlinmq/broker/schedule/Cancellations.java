package org.merlinmq.broker.schedule;

import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;

/**
 * Finds out whether a delayed message was cancelled, by its producer or an administrator.
 *
 * <p>Threading: one owner at a time.
 */
public final class Cancellations {
    private final Storage storage;
    private final DelayedRecords records;
    private final RecordView view = new RecordView();

    /**
     * Looks into a store.
     *
     * @param storage the store
     * @param levels the delay levels
     */
    public Cancellations(Storage storage, DelayLevels levels) {
        this.storage = storage;
        records = new DelayedRecords(levels, RocketMqDelayProgress.NOTHING);
    }

    /**
     * Whether a delayed message waits no more since it was cancelled. In a store that does not index keys one that was
     * cancelled cannot be told from one that was delivered.
     *
     * @param delayed its record
     * @return false if it waits or was delivered
     * @throws DiskException where a damaged index is met; it is being made anew then
     */
    public boolean isCancelled(RecordView delayed) {
        long logOffset = delayed.logOffset();
        String key = delayed.properties().get(PropertyName.UNIQ_KEY);
        if (key == null || storage.timers().isPending(records.dueMillis(delayed), logOffset)) {
            return false;
        }
        // Both indexes take a record before its append is answered, that of keys first.
        for (long each :
                storage.findByKey(ScheduleTopics.TIMERS, key, DelayedMessages.MAX_SAME_KEY, 0, Long.MAX_VALUE)) {
            if (cancels(storage.readRecord(each), logOffset)) {
                return true;
            }
        }
        return false;
    }

    private boolean cancels(byte @Nullable [] record, long logOffset) {
        return record != null
                && view.on(record, 0, record.length)
                && DelayedRecords.recordsCancellation(view)
                && RecordLayout.named(view.preparedOffset()) == logOffset;
    }
}
