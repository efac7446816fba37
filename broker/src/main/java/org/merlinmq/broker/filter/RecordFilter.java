package org.merlinmq.broker.filter;

import org.merlinmq.protocol.message.RecordView;

/**
 * A filter that decides on the record: on properties, say, that no queue entry holds.
 *
 * <p>Threading: immutable; any thread.
 */
public non-sealed interface RecordFilter extends Filter {
    /**
     * Whether a message is taken. Allocates nothing.
     *
     * @param record a message that {@link #mayMatch} did not rule out
     * @param found room for what the filter looks up in the record; the caller's thread's own
     * @return true if the subscription takes it
     */
    boolean matches(RecordView record, FoundProperties found);

    /**
     * How much work {@link #matches} is, beside finding the properties.
     *
     * @return about the number of comparisons that it makes at most
     */
    int comparisons();
}
