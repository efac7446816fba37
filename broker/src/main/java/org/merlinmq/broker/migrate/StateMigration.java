package org.merlinmq.broker.migrate;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.state.FormerStateLog;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.storage.state.StateVisitor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the state of a store into its log at the first start on it, and again if a crash interrupted that: the state that
 * version 0.1.0 kept in a journal of its own, or RocketMQ's tables.
 *
 * <p>Use: pass every entry of the state to {@link #apply}, then call {@link #run}.
 *
 * <p>A change at the beginning marks the import, the last one removes the mark. Files of 0.1.0 are deleted after that is
 * durable; RocketMQ's stay.
 *
 * <p>Threading: the thread that starts the broker.
 */
public final class StateMigration {
    private static final Logger LOG = LoggerFactory.getLogger(StateMigration.class);
    private static final byte[] NO_BYTES = {};

    private final Storage storage;
    private final Journal journal;
    private final StateVisitor tables;
    private boolean interrupted;

    /**
     * A migration that has not begun.
     *
     * @param storage the store
     * @param journal takes the changes
     * @param tables take the entries
     */
    public StateMigration(Storage storage, Journal journal, StateVisitor tables) {
        this.storage = storage;
        this.journal = journal;
        this.tables = tables;
    }

    /**
     * Notes whether an import was interrupted.
     *
     * @param type of an entry of the state
     * @param value its value; null if it was removed
     */
    public void apply(int type, byte @Nullable [] value) {
        if (type == StateTypes.IMPORTING) {
            interrupted = value != null;
        }
    }

    /**
     * Imports what there is, if the state is empty or an import was interrupted.
     *
     * @param rocketMq what RocketMQ left
     * @param topics imported into
     * @param groups imported into
     * @param offsets imported into
     * @param adopt goes on with RocketMQ's open transactions; called while the import is marked as not finished
     * @return whether anything was imported
     */
    public boolean run(
            RocketMqState rocketMq, TopicTable topics, GroupTable groups, OffsetTable offsets, Runnable adopt) {
        FormerStateLog log = storage.formerState();
        boolean former = log.exists();
        boolean imported = (interrupted || storage.state().isEmpty())
                && importAll(former ? FormerState.read(log) : null, rocketMq, topics, groups, offsets, adopt);
        if (former) {
            // What the log has by now must be durable before its source goes.
            storage.checkpoint();
            log.delete();
        }
        return imported;
    }

    private boolean importAll(
            @Nullable FormerState former,
            RocketMqState rocketMq,
            TopicTable topics,
            GroupTable groups,
            OffsetTable offsets,
            Runnable adopt) {
        boolean foreign = rocketMq.hasTables() && (former == null || former.importing);
        if (former == null && !foreign) {
            return false;
        }
        journal.append(new StateChange().put(StateTypes.IMPORTING, StateTypes.NO_NAME, NO_BYTES));
        if (former != null) {
            importFormer(former, offsets);
        }
        if (foreign) {
            rocketMq.importInto(topics, groups, offsets);
            endDeleted(rocketMq, topics);
            adopt.run();
        }
        journal.append(new StateChange().remove(StateTypes.IMPORTING, StateTypes.NO_NAME));
        return true;
    }

    /** What RocketMQ had deleted stays deleted, as a record of the log says from now on. */
    private void endDeleted(RocketMqState rocketMq, TopicTable topics) {
        Set<String> deleted = new TreeSet<>();
        storage.forEachQueue(queue -> deleted.add(queue.topic()));
        deleted.removeIf(topic -> !rocketMq.hadDeleted(topic));
        int count = topics.deleteUnowned(deleted);
        if (count > 0) {
            LOG.info("topics-left-deleted count={} cause=\"RocketMQ had deleted them\"", count);
        }
    }

    private void importFormer(FormerState state, OffsetTable offsets) {
        Import out = new Import();
        state.deletedTopics.forEach(name -> out.add(new StateChange().remove(StateTypes.TOPIC, StateTypes.key(name))));
        for (TopicConfig topic : state.topics.values()) {
            out.add(TopicTable.entry(topic));
        }
        out.add(TopicTable.entry(state.version));
        for (SubscriptionGroup group : state.groups.values()) {
            out.add(new StateChange().put(StateTypes.GROUP, StateTypes.key(group.groupName()), group.write()));
        }
        state.forbidden.forEach(each -> out.add(
                new StateChange().put(StateTypes.FORBIDDEN, StateTypes.key(each.group(), each.topic()), NO_BYTES)));
        state.modes
                .values()
                .forEach(mode -> out.add(new StateChange()
                        .put(
                                StateTypes.REQUEST_MODE,
                                StateTypes.key(mode.topic(), mode.consumerGroup()),
                                mode.write())));
        out.write();
        for (Map.Entry<FormerState.Place, Long> each : state.offsets.entrySet()) {
            FormerState.Place place = each.getKey();
            offsets.commit(place.group(), place.topic(), place.queueId(), each.getValue());
        }
        offsets.flush();
        state.resets.forEach((place, offset) -> offsets.reset(place.group(), place.topic(), place.queueId(), offset));
        LOG.info(
                "state-imported from=\"version 0.1.0\" topics={} groups={} requestModes={} offsets={} resets={}",
                state.topics.size(),
                state.groups.size(),
                state.modes.size(),
                state.offsets.size(),
                state.resets.size());
    }

    /** Entries on their way into the log and the tables, as many to a change as it takes. */
    private final class Import {
        private StateChange change = new StateChange();

        void add(StateChange one) {
            one.forEach((type, key, value) -> {
                if (value == null) {
                    change.remove(type, key);
                } else {
                    change.put(type, key, value);
                }
            });
            if (change.bytes() >= journal.maxBytes()) {
                write();
            }
        }

        void write() {
            journal.append(change);
            change.forEach(tables);
            change = new StateChange();
        }
    }
}
