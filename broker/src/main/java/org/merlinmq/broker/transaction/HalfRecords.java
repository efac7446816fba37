package org.merlinmq.broker.transaction;

import java.util.function.IntSupplier;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;

/**
 * Knows from a half message in the log when it is to be checked, and whether RocketMQ was done with it: for indexes that are
 * built from the log, after a crash or from a store that RocketMQ wrote.
 *
 * <p>Threading: as the rule it is put in front of.
 */
public final class HalfRecords implements RecordRule {
    private final IntSupplier checkAfterMillis;
    private final long doneBelow;
    private final RecordRule others;

    /**
     * A rule for a log.
     *
     * @param checkAfterMillis how long after it is stored a half message is checked that asks for nothing else
     * @param doneBelow the queue offset of the first half message that RocketMQ was not done with; 0 in a store of our own
     * @param others what is to be known of all records
     */
    public HalfRecords(IntSupplier checkAfterMillis, long doneBelow, RecordRule others) {
        this.checkAfterMillis = checkAfterMillis;
        this.doneBelow = doneBelow;
        this.others = others;
    }

    @Override
    public void refine(RecordView record, RecordFacts facts) {
        others.refine(record, facts);
        if ((facts.kinds() & RecordFacts.HALF) == 0) {
            return;
        }
        if (record.queueOffset() < doneBelow) {
            facts.notHalf();
        } else {
            int after = RecordFacts.checkAfterMillis(
                    record.bytes(), record.propertiesAt(), record.propertiesBytes(), checkAfterMillis.getAsInt());
            facts.half(after, (int) facts.dueMillis());
        }
    }
}
