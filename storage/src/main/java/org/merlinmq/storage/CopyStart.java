package org.merlinmq.storage;

import org.merlinmq.storage.state.StateEntries;

/**
 * What a copy of a store begins with, besides the bytes of its log: where these begin, and what records said that are deleted.
 *
 * <p>A copy that has taken the log up to {@code stateLogOffset} has exactly the state as of there; before that its state is of no
 * one moment, since the changes on the way are applied to it once more.
 *
 * @param logOffset the log's first byte
 * @param segmentBytes the size of its segments, which are the copy's, too
 * @param stateLogOffset what the state is as of: {@code logOffset} or above
 * @param state the broker's tables
 * @param queues the queue table, with the queue offsets of the first messages at {@code logOffset} or above
 */
public record CopyStart(
        long logOffset, long segmentBytes, long stateLogOffset, StateEntries state, StateEntries queues) {
    /**
     * What a copy begins with of a store that is not ours: nothing but its log.
     *
     * @param logOffset the log's first byte: the beginning of a segment
     * @param segmentBytes the size of its segments
     * @return no state and no queues
     */
    public static CopyStart ofLogAlone(long logOffset, long segmentBytes) {
        return new CopyStart(logOffset, segmentBytes, logOffset, new StateEntries(), new StateEntries());
    }
}
