package org.merlinmq.broker;

import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.StateTypes;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.storage.state.StateLog;

/**
 * Decides whether the tables that RocketMQ left are to be taken over, and does it: once, at the first start, and again
 * if a crash came between.
 *
 * <p>Use: every record that is replayed goes through {@link #apply}, then comes {@link #run}; if that took something over,
 * the caller writes a snapshot of all state.
 *
 * <p>Threading: the thread that starts.
 */
final class TakeOver {
    private static final byte[] NO_BYTES = {};

    private boolean begun;

    /** Takes a record of the state log. */
    void apply(int type) {
        begun |= type == StateTypes.TAKING_OVER;
    }

    /** Takes over what is to be; false if that is nothing. */
    boolean run(ForeignState from, StateLog state, TopicTable topics, GroupTable groups, OffsetTable offsets) {
        if ((topics.hasHistory() && !begun) || !from.hasTables()) {
            return false;
        }
        state.append(StateTypes.TAKING_OVER, NO_BYTES);
        from.takeOver(topics, groups, offsets);
        return true;
    }
}
