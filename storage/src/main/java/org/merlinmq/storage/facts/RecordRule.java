package org.merlinmq.storage.facts;

import org.merlinmq.protocol.message.RecordView;

/**
 * What only the broker knows of a stored record: whether and until when it is delayed, whether its queue is one of a topic
 * that was deleted.
 *
 * <p>Threading: one thread at a time.
 */
@FunctionalInterface
public interface RecordRule {
    /** Adds nothing. */
    RecordRule NONE = (record, facts) -> {};

    /**
     * Adds to what is known of a record.
     *
     * @param record the record, valid only during the call
     * @param facts hold what every broker of this protocol knows: tag, keys, what it settles
     */
    void refine(RecordView record, RecordFacts facts);
}
