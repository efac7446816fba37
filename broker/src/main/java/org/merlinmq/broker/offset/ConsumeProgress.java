package org.merlinmq.broker.offset;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.broker.stats.Meter;

/**
 * What is known of one group's reading of one topic: committed offsets by queue, resets that wait, and how much it consumed.
 *
 * <p>Threading: any thread, lock-free, except for the first reset. {@link #collectChanged} by one thread at a time.
 * <p>Units: all offsets are queue offsets; {@link #NONE} stands for no offset.
 */
public final class ConsumeProgress {
    /** No offset. */
    public static final long NONE = -1;

    /** Queue ids from here on are refused: no topic has that many queues. */
    public static final int MAX_QUEUES = 65_536;

    /** In place of what the journal holds, when nobody knows: no offset is equal to it. */
    private static final long UNKNOWN = -2;

    private final String group;
    private final String topic;
    private final Meter consumed;
    private final Consumer<ConsumeProgress> changed;

    private final QueueOffsets committed = new QueueOffsets();
    private final QueueOffsets pulled = new QueueOffsets();
    /** Made by the first reset: most groups never see one. */
    private volatile @Nullable QueueOffsets resets;

    private volatile boolean dirty;

    // Owned by the thread that journals: what the journal holds.
    private long[] journaled = {};
    private long[] journaledResets = {};

    ConsumeProgress(String group, String topic, Meter consumed, Consumer<ConsumeProgress> changed) {
        this.group = group;
        this.topic = topic;
        this.consumed = consumed;
        this.changed = changed;
    }

    public String group() {
        return group;
    }

    public String topic() {
        return topic;
    }

    /** Messages and bytes that the group pulled from the topic. */
    public Meter consumed() {
        return consumed;
    }

    /**
     * The committed offset of a queue.
     *
     * @param queueId the queue
     * @return the next message to consume, or {@link #NONE}
     */
    public long committed(int queueId) {
        return committed.get(queueId);
    }

    /**
     * Where the last pull of a queue ended.
     *
     * @param queueId the queue
     * @return the next message to pull, or {@link #NONE}
     */
    public long pulled(int queueId) {
        return pulled.get(queueId);
    }

    /**
     * The reset that waits for a queue's next pull.
     *
     * @param queueId the queue
     * @return the offset to start again from, or {@link #NONE}
     */
    public long reset(int queueId) {
        QueueOffsets waiting = resets;
        return waiting == null ? NONE : waiting.get(queueId);
    }

    /**
     * Stores how far a queue has been consumed, lower or higher than before. While a reset waits, a commit of the
     * client was sent before it and is ignored.
     *
     * @param queueId the queue
     * @param queueOffset the next message to consume
     * @return false if it was ignored, because of a reset or because the queue id or the offset is out of range
     */
    public boolean commit(int queueId, long queueOffset) {
        if (queueId < 0 || queueId >= MAX_QUEUES || queueOffset < 0 || reset(queueId) != NONE) {
            return false;
        }
        store(queueId, queueOffset);
        return true;
    }

    /**
     * Notes where a pull ended; kept in memory only.
     *
     * @param queueId the queue
     * @param nextOffset the next message to pull
     */
    public void notePulled(int queueId, long nextOffset) {
        if (queueId >= 0 && queueId < MAX_QUEUES) {
            pulled.set(queueId, nextOffset);
        }
    }

    /**
     * Makes a queue start again from an offset: it counts as committed at once, and the next pull is answered with it.
     *
     * @param queueId the queue
     * @param queueOffset the offset to start again from
     */
    void startAgain(int queueId, long queueOffset) {
        setReset(queueId, queueOffset);
        store(queueId, queueOffset);
        changed(); // the reset, if the offset is the same
    }

    /**
     * Takes the reset that waits for a queue; to be called by the pull that answers with it.
     *
     * @param queueId the queue
     * @return the offset to start again from, once; {@link #NONE} after that and if there is none
     */
    public long takeReset(int queueId) {
        QueueOffsets waiting = resets;
        long taken = waiting == null ? NONE : waiting.take(queueId);
        if (taken != NONE) {
            changed();
        }
        return taken;
    }

    void setReset(int queueId, long queueOffset) {
        QueueOffsets waiting = resets;
        (waiting == null ? firstResets() : waiting).set(queueId, queueOffset);
    }

    private synchronized QueueOffsets firstResets() {
        QueueOffsets waiting = resets;
        if (waiting == null) {
            waiting = new QueueOffsets();
            resets = waiting;
        }
        return waiting;
    }

    void store(int queueId, long queueOffset) {
        if (committed.get(queueId) != queueOffset) {
            committed.set(queueId, queueOffset);
            changed();
        }
    }

    /**
     * The journal holds this offset already. What was committed here beyond it, as at a follower whose leader is away, stays
     * unless the journal goes back.
     */
    void replayed(int queueId, long queueOffset) {
        journaled = roomFor(journaled, queueId);
        boolean ahead = isAhead(queueId) && committed(queueId) > queueOffset;
        if (!ahead || queueOffset < journaled[queueId]) {
            store(queueId, queueOffset);
        }
        journaled[queueId] = queueOffset;
    }

    /** The journal holds this reset already: it counts more than what was committed here. */
    void replayedReset(int queueId, long queueOffset) {
        if (reset(queueId) != queueOffset) {
            setReset(queueId, queueOffset);
        }
        if (queueOffset != NONE && isAhead(queueId)) {
            store(queueId, journaled[queueId]);
        }
        journaledResets = roomFor(journaledResets, queueId);
        journaledResets[queueId] = queueOffset;
    }

    /** Whether no queue has an offset or a reset: the group has pulled, and committed nothing. */
    public boolean isEmpty() {
        boolean any = false;
        for (int queueId = 0; queueId < Math.max(queues(), resetQueues()); queueId++) {
            any |= committed(queueId) != NONE || reset(queueId) != NONE;
        }
        return !any;
    }

    /** How many queues have a place; those without an offset among them. */
    public int queues() {
        return committed.length();
    }

    /** How many queues the group may have read, at most; those that it only pulled among them. */
    int queuesRead() {
        return Math.max(committed.length(), pulled.length());
    }

    /** How many queues have a place for a reset. */
    int resetQueues() {
        QueueOffsets waiting = resets;
        return waiting == null ? 0 : waiting.length();
    }

    /** Whether more of a queue was consumed than the journal says. By the thread that journals, as {@link #journaled}. */
    private boolean isAhead(int queueId) {
        return committed(queueId) > journaled(queueId);
    }

    /** What the journal holds of a queue, or {@link #NONE}. By the thread that journals. */
    private long journaled(int queueId) {
        return queueId < journaled.length ? journaled[queueId] : NONE;
    }

    /**
     * Whether the journal holds all as it is. If not, it is counted as changed again. By the thread that journals.
     *
     * @param ahead is given the queues of which more was consumed than the journal says, with the offset
     */
    boolean settle(OffsetEntries.Reader ahead) {
        dirty = false;
        boolean same = true;
        for (int queueId = 0; queueId < queues(); queueId++) {
            same &= committed(queueId) == journaled(queueId);
            if (isAhead(queueId) && reset(queueId) == NONE) {
                ahead.offset(queueId, committed(queueId));
            }
        }
        for (int queueId = 0; queueId < resetQueues(); queueId++) {
            same &= reset(queueId) == (queueId < journaledResets.length ? journaledResets[queueId] : NONE);
        }
        if (!same) {
            dirty = true;
        }
        return same;
    }

    private void changed() {
        if (!dirty) {
            dirty = true;
            changed.accept(this);
        }
    }

    /** Gives the blocks that the journal does not hold as they are, and takes them as journaled. */
    void collectChanged(OffsetEntries into) {
        dirty = false;
        journaled = collect(StateTypes.OFFSETS, committed, journaled, into);
        QueueOffsets now = resets;
        if (now != null) {
            journaledResets = collect(StateTypes.RESETS, now, journaledResets, into);
        }
    }

    /** The journal may not hold what it was given last: all is given to it again. By the thread that journals. */
    void journalAgain() {
        Arrays.fill(journaled, UNKNOWN);
        Arrays.fill(journaledResets, UNKNOWN);
        changed();
    }

    private long[] collect(int type, QueueOffsets now, long[] known, OffsetEntries into) {
        int queues = now.length(); // there may be more in a moment; they ask for a collection of their own
        long[] room = queues == 0 ? known : roomFor(known, queues - 1);
        for (int first = 0; first < queues; first += OffsetEntries.QUEUES) {
            boolean any = false;
            for (int queueId = first; queueId < first + OffsetEntries.QUEUES; queueId++) {
                long queueOffset = now.get(queueId);
                any |= queueOffset != room[queueId];
                room[queueId] = queueOffset;
            }
            if (any) {
                into.put(type, this, first, room);
            }
        }
        return room;
    }

    private static long[] roomFor(long[] old, int queueId) {
        if (queueId < old.length) {
            return old;
        }
        long[] bigger = Arrays.copyOf(old, (queueId / OffsetEntries.QUEUES + 1) * OffsetEntries.QUEUES);
        Arrays.fill(bigger, old.length, bigger.length, NONE);
        return bigger;
    }

    @Override
    public String toString() {
        return topic + "@" + group + " " + committed;
    }
}
