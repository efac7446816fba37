package org.merlinmq.broker.filter;

import org.merlinmq.protocol.message.RecordView;

/**
 * A filter that decides on the record: on properties, say, that no queue entry holds.
 *
 * <p>Threading: immutable; any thread.
 */
public non-sealed interface RecordFilter extends Filter {
    /**
     * Whether a message is taken.
     *
     * @param record a message that {@link #mayMatch} did not rule out
     * @return true if the subscription takes it
     */
    boolean matches(RecordView record);
}
