package org.merlinmq.broker.migrate;

import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.StateTypes;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.storage.state.StateLog;

/**
 * Imports RocketMQ's tables at the first start on its store, and again if a crash interrupted the import.
 *
 * <p>Use: pass every replayed record to {@link #apply}, then call {@link #run}. If it returns true, write a snapshot of
 * all state.
 *
 * <p>Threading: the thread that starts the broker.
 */
public final class StateMigration {
    private static final byte[] NO_BYTES = {};

    private boolean begun;

    /** A migration of which nothing is known yet. */
    public StateMigration() {}

    /**
     * Notes whether a record of the state log begins an import.
     *
     * @param type its type
     */
    public void apply(int type) {
        begun |= type == StateTypes.TAKING_OVER;
    }

    /**
     * Imports the tables if there are any and the state does not hold them yet.
     *
     * @param from what RocketMQ left
     * @param state takes the record that begins the import
     * @param topics imported into
     * @param groups imported into
     * @param offsets imported into
     * @return whether anything was imported
     */
    public boolean run(RocketMqState from, StateLog state, TopicTable topics, GroupTable groups, OffsetTable offsets) {
        if ((topics.hasHistory() && !begun) || !from.hasTables()) {
            return false;
        }
        state.append(StateTypes.TAKING_OVER, NO_BYTES);
        from.importInto(topics, groups, offsets);
        return true;
    }
}
