package org.merlinmq.broker;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.QueueLocks;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.RequestModes;
import org.merlinmq.broker.migrate.RocketMqState;
import org.merlinmq.broker.migrate.StateMigration;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.QueueSource;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.state.StateChange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables that make up a broker's state, on the store that keeps them in its log.
 *
 * <p>Threading: {@link #start} and {@link #flushOffsets} as their docs say; the tables on any thread.
 */
final class BrokerState implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerState.class);

    private final Storage storage;
    private final TopicTable topics;
    private final TopicTableView topicView;
    private final GroupTable groups;
    private final RequestModes modes;
    private final OffsetTable offsets;

    /** Whether changes go to the index of the state alone, since the log is the copy of a RocketMQ master's. */
    private volatile boolean adopts;

    /** Whether any went there since the last checkpoint. */
    private final AtomicBoolean adopted = new AtomicBoolean();

    /** Whether another broker's log alone changes the tables. */
    private volatile boolean follows;

    /** Whether the last try to write offsets failed. Of the thread that flushes. */
    private boolean unwritten;

    /** Empty tables; {@code flushSoon} asks for a call of {@link #flushOffsets} within a second. */
    BrokerState(
            Storage storage,
            TopicSettings settings,
            boolean createGroups,
            ThroughputStats throughput,
            LongSupplier nowMillis,
            Runnable flushSoon) {
        this.storage = storage;
        offsets = new OffsetTable(this, throughput, flushSoon);
        topics = new TopicTable(settings, this, offsets::removeTopic, queues(storage), nowMillis);
        topicView = new TopicTableView(topics);
        groups = new GroupTable(this, nowMillis, createGroups, topicView);
        modes = new RequestModes(this);
    }

    private static QueueSource queues(Storage storage) {
        return QueueSource.of(storage::queue, storage::findQueue, storage::endedQueue);
    }

    TopicTable topics() {
        return topics;
    }

    TopicTableView topicView() {
        return topicView;
    }

    GroupTable groups() {
        return groups;
    }

    RequestModes modes() {
        return modes;
    }

    OffsetTable offsets() {
        return offsets;
    }

    @Override
    public long append(StateChange change) {
        if (!adopts) {
            return storage.append(change);
        }
        long asOf = storage.adopt(change);
        adopted.set(true);
        return asOf;
    }

    /** Makes durable what a slave of RocketMQ's took over since the last call. */
    void saveAdopted() {
        if (adopted.getAndSet(false)) {
            storage.checkpoint();
        }
    }

    @Override
    public int maxBytes() {
        return Math.min(MAX_BYTES, storage.maxRecordBytes() / 2);
    }

    /** Waits until what was changed is as durable as a message that was acknowledged. */
    void makeDurable() {
        if (storage.flushMode() == FlushMode.SYNC) {
            storage.flush();
        }
    }

    /**
     * Takes the state back, imports another broker's where there is none, and makes topics again that only their messages
     * are left of. Before anybody else uses the tables. The locks of queues take back their owners; {@code adopt} goes on with
     * RocketMQ's open transactions.
     */
    void start(RocketMqState rocketMq, QueueLocks locks, Runnable adopt) {
        StateMigration migration = new StateMigration(storage, this, this::apply);
        storage.state().replay((type, key, value) -> {
            migration.apply(type, value);
            apply(type, key, value);
            locks.apply(type, key, value);
        });
        migration.run(rocketMq, topics, groups, offsets, adopt);
        restoreTopics();
        topics.start();
        groups.makeRetryTopics();
    }

    /**
     * Takes the state back on a slave of RocketMQ's, whose log is not to be added to: nothing is imported and no topic made, the
     * master's tables come. The store must follow already.
     */
    void startAsCopy(QueueLocks locks) {
        adopts = true;
        storage.state().replay((type, key, value) -> {
            apply(type, key, value);
            locks.apply(type, key, value);
        });
        topics.start();
    }

    /**
     * Takes the state back on a member of a group that does not lead it, and all that comes with the leader's log from then on. The
     * store takes nothing of its own: offsets that are committed here stay in memory, and {@link #endFollow} writes them if the
     * store takes them by then.
     */
    void startAsFollower(QueueLocks locks) {
        follows = true;
        topics.start();
        storage.state().follow((type, key, value) -> {
            topics.receive(type, key, value);
            applyAllButTopics(type, key, value);
            locks.apply(type, key, value);
        });
    }

    /** Ends following: the tables change no more by another broker's log. */
    void endFollow() {
        if (follows) {
            storage.state().endFollow();
            follows = false;
        }
    }

    private void apply(int type, byte[] key, byte @Nullable [] value) {
        topics.apply(type, key, value);
        applyAllButTopics(type, key, value);
    }

    private void applyAllButTopics(int type, byte[] key, byte @Nullable [] value) {
        groups.apply(type, key, value);
        modes.apply(type, key, value);
        offsets.apply(type, key, value);
    }

    /** A topic with messages that the state does not know was not deleted, or its queues would have ended. */
    private void restoreTopics() {
        Map<String, Integer> queueCounts = new TreeMap<>();
        storage.forEachQueue(queue -> {
            if (queue.maxOffset() > 0) {
                queueCounts.merge(queue.topic(), queue.queueId() + 1, Math::max);
            }
        });
        queueCounts.forEach((topic, queues) -> {
            if (topics.restore(topic, queues)) {
                LOG.warn(
                        "topic-restored topic={} queues={} cause=\"the log has messages of it, and its settings are lost\""
                                + " action=\"check its number of queues and its permissions, and the offsets of its"
                                + " groups\"",
                        topic,
                        queues);
            }
        });
    }

    /**
     * Writes the offsets that changed. On a full disk they stay in memory, and the table asks for another call until they
     * are written. One thread at a time.
     */
    void flushOffsets() {
        if (follows) {
            return;
        }
        try {
            offsets.flush();
            if (unwritten) {
                LOG.warn("state-written-again cause=\"the disk takes it\"");
                unwritten = false;
            }
        } catch (DiskException e) {
            if (!unwritten) {
                LOG.error("state-not-written cause=\"{}\" action=\"tried again every second\"", e.getMessage());
                unwritten = true;
            }
        }
    }
}
