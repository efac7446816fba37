package org.merlinmq.storage.state;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.state.SnapshotFiles.Snapshot;

/**
 * The broker's state, a value for each type and key, as an index over the log: the map as of the last snapshot, and the
 * changes since by their log offsets. So a snapshot is exactly the state as of its log offset, even while changes go on.
 *
 * <p>At the start: {@link #open}, then {@link #apply} for each change from {@link #logOffset()} on.
 *
 * <p>Threading: {@code apply} on any thread, in the order of log offsets; {@code replay} and {@code isEmpty} before other
 * threads know the index; {@code flush} and {@code retain} on one thread, the store's tail.
 */
public final class StateIndex {
    /** The system topic whose records are the changes. Its prefix is the protocol's for topics of the broker's own. */
    public static final String TOPIC_NAME = "rmq_sys_merlin_state";

    /** The name that the files of the snapshots begin with. */
    public static final String FILES = "state";

    private static final class Key {
        final int type;
        final byte[] bytes;

        Key(int type, byte[] bytes) {
            this.type = type;
            this.bytes = bytes;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && key.type == type && Arrays.equals(key.bytes, bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes) * 31 + type;
        }
    }

    private record Change(long logOffset, StateChange change) {}

    private final SnapshotFiles snapshots;

    /** The state as of {@link #baseLogOffset}, or above, but not as of the first change since. Of the tail thread. */
    private final Map<Key, byte[]> base = new HashMap<>();

    private long baseLogOffset;

    /** Whether the base has changes that no snapshot has, or a snapshot turned out to be damaged. */
    private boolean unwritten;

    /** Changes that the base has not. Guarded by this. */
    private final ArrayDeque<Change> since = new ArrayDeque<>();

    private StateIndex(SnapshotFiles snapshots) {
        this.snapshots = snapshots;
    }

    /**
     * Reads the newest snapshot that a log can go on from.
     *
     * @param snapshots the files
     * @param logEnd where the log ends
     * @return the state as of {@link #logOffset()}
     */
    public static StateIndex open(SnapshotFiles snapshots, long logEnd) {
        StateIndex index = new StateIndex(snapshots);
        Snapshot newest = snapshots.newest(logEnd);
        if (newest != null) {
            snapshots.read(newest, index::put);
            index.baseLogOffset = newest.logOffset();
        }
        index.unwritten = snapshots.anyDamaged();
        return index;
    }

    private void put(int type, byte[] key, byte @Nullable [] value) {
        if (value == null) {
            base.remove(new Key(type, key));
        } else {
            base.put(new Key(type, key), value);
        }
    }

    /**
     * What the last snapshot is of: changes whose records begin here or above are to be applied.
     *
     * @return a log offset; 0 if there is no snapshot
     */
    public long logOffset() {
        return baseLogOffset;
    }

    /**
     * Takes a change that was published, or that was found in the log at the start.
     *
     * @param logOffset where its record begins
     * @param change the change; not to be changed any more
     */
    public synchronized void apply(long logOffset, StateChange change) {
        assert since.isEmpty() || since.getLast().logOffset < logOffset : logOffset + " comes late";
        since.addLast(new Change(logOffset, change));
    }

    /**
     * Whether there is no state and was none.
     *
     * @return true for a new store, and for one that has lost all of it
     */
    public synchronized boolean isEmpty() {
        return base.isEmpty() && since.isEmpty();
    }

    /**
     * Hands over the state: all entries in no order, then, in their order, the changes that came after them.
     *
     * @param into takes them; an entry may come more than once, and the last counts
     */
    public void replay(StateVisitor into) {
        base.forEach((key, value) -> into.entry(key.type, key.bytes.clone(), value.clone()));
        List<Change> later;
        synchronized (this) {
            later = List.copyOf(since);
        }
        later.forEach(each -> each.change.forEach(into));
    }

    /**
     * Writes a snapshot if there were changes since the last one.
     *
     * @param upTo the snapshot is as of here; all below is durable in the log
     */
    public void flush(long upTo) {
        fold(upTo);
        if (unwritten) {
            write(upTo);
        }
    }

    private void fold(long upTo) {
        for (Change next = next(upTo); next != null; next = next(upTo)) {
            unwritten = true;
            next.change.forEach(this::put);
        }
    }

    private synchronized @Nullable Change next(long upTo) {
        return !since.isEmpty() && since.getFirst().logOffset < upTo ? since.removeFirst() : null;
    }

    private void write(long upTo) {
        snapshots.write(upTo, into -> base.forEach((key, value) -> into.entry(key.type, key.bytes, value)));
        baseLogOffset = upTo;
        unwritten = false;
    }

    /**
     * Makes sure that no snapshot that is kept needs what the log is about to let go of.
     *
     * @param minLogOffset where the log begins from now on; all below is durable
     */
    public void retain(long minLogOffset) {
        if (minLogOffset > 0 && !snapshots.reach(minLogOffset)) {
            fold(minLogOffset);
            long asOf = Math.max(baseLogOffset, minLogOffset);
            while (!snapshots.reach(minLogOffset)) {
                write(asOf);
            }
        }
    }
}
