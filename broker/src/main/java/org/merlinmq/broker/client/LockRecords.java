package org.merlinmq.broker.client;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.state.StateChange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps in the state which client owns which queue. Written when a queue gets another owner or none, not when a lock is
 * renewed.
 *
 * <p>Threading: under the monitor of {@link QueueLocks}.
 * <p>Errors: what the disk does not take is left out with a warning: consuming goes on, and only a restart may then give
 * the queue to a second client.
 * <p>Format: docs/formats/state.md, type 24.
 */
public final class LockRecords {
    /** A longer name is no topic's or client's, and is not kept. */
    private static final int MAX_NAME = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(LockRecords.class);

    private final Journal journal;
    private boolean failing;

    /**
     * An owner of a queue.
     *
     * @param group the consumer group
     * @param queue the queue
     * @param clientId the client that owns it; null if nobody does any more
     */
    record Entry(
            String group, MessageQueueId queue, @Nullable String clientId) {}

    /**
     * Records of one broker.
     *
     * @param journal where they are written
     */
    public LockRecords(Journal journal) {
        this.journal = journal;
    }

    /** Reads one entry of the state; null if it is of another type. */
    static @Nullable Entry read(int type, byte[] key, byte @Nullable [] value) {
        if (type != StateTypes.QUEUE_OWNER) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(key);
        String group = StateTypes.name(in);
        String topic = StateTypes.name(in);
        String broker = StateTypes.name(in);
        return new Entry(
                group,
                new MessageQueueId(topic, broker, in.getInt()),
                value == null ? null : Bytes.text(value, 0, value.length));
    }

    void taken(String group, String clientId, List<MessageQueueId> queues) {
        if (fits(group) && fits(clientId)) {
            write(group, queues, Bytes.utf8(clientId));
        }
    }

    void freed(String group, List<MessageQueueId> queues) {
        write(group, queues, null);
    }

    private static boolean fits(String name) {
        return name.length() <= MAX_NAME;
    }

    private void write(String group, List<MessageQueueId> queues, byte @Nullable [] owner) {
        StateChange change = new StateChange();
        for (MessageQueueId queue : queues) {
            if (fits(group) && fits(queue.topic()) && fits(queue.brokerName())) {
                byte[] key = StateTypes.key(group, queue.topic(), queue.brokerName(), queue.queueId());
                if (owner == null) {
                    change.remove(StateTypes.QUEUE_OWNER, key);
                } else {
                    change.put(StateTypes.QUEUE_OWNER, key, owner);
                }
            }
            if (change.bytes() >= journal.maxBytes() / 2) {
                append(change);
                change = new StateChange();
            }
        }
        append(change);
    }

    private void append(StateChange change) {
        if (change.isEmpty()) {
            return;
        }
        try {
            journal.append(change);
            failing = false;
        } catch (DiskException e) {
            if (!failing) {
                LOG.warn(
                        "queue-owner-not-written cause=\"{}\" effect=\"after a restart another client may get a queue while"
                                + " its owner still consumes it\"",
                        e.getMessage());
            }
            failing = true;
        }
    }
}
