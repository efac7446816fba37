package org.merlinmq.broker.schedule;

import java.util.function.LongSupplier;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;

/**
 * On a slave of RocketMQ's: ends the timers of the delayed messages that the master has delivered, by what it tells of its
 * progress. No record of its log says so; what is left waits here, and is delivered once this broker is the master.
 *
 * <p>Threading: one thread at a time; not while {@link DelayService} delivers.
 */
public final class MasterDelays {
    /** A message that is due and that the master has not delivered, by what it last told, is looked at again then. */
    private static final long AGAIN_MILLIS = 10_000;

    /** How many timers one round looks at: each reads its record. */
    private static final int MAX_ROUND = 100_000;

    private final Storage storage;
    private final LongSupplier nowMillis;
    private final RecordView record = new RecordView();
    private int looked;
    private int ended;

    /**
     * The delayed messages of a slave.
     *
     * @param storage holds them
     * @param nowMillis the wall clock
     */
    public MasterDelays(Storage storage, LongSupplier nowMillis) {
        this.storage = storage;
        this.nowMillis = nowMillis;
    }

    /**
     * Ends the timers that are due and covered.
     *
     * @param progress how far the master is
     * @return how many were ended
     */
    public int end(RocketMqDelayProgress progress) {
        looked = 0;
        ended = 0;
        long now = nowMillis.getAsLong();
        storage.timers().drainDue(now, (due, logOffset) -> {
            if (isDelivered(progress, due, logOffset)) {
                storage.timers().drop(logOffset);
                ended++;
            } else {
                storage.timers().retry(due, logOffset, now + AGAIN_MILLIS);
            }
            return ++looked < MAX_ROUND;
        });
        return ended;
    }

    /** A record that is gone counts as delivered: nobody can deliver it any more. */
    private boolean isDelivered(RocketMqDelayProgress progress, long due, long logOffset) {
        byte[] bytes = storage.readRecord(logOffset);
        if (bytes == null || !record.on(bytes, 0, bytes.length)) {
            return true;
        }
        return CarriedRecord.isOfLevel(record)
                ? progress.coversLevel(record.queueId() + 1, record.queueOffset())
                : progress.coversTimer(record.queueOffset(), record.storeMillis(), due);
    }
}
