package org.merlinmq.storage.state;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.index.LogIndex;
import org.merlinmq.storage.index.PublishedRecords;
import org.merlinmq.storage.state.SnapshotFiles.Snapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's state, a value for each type and key, as an index over the log: the map as of the last snapshot, and the
 * changes since by their log offsets. So a snapshot is exactly the state as of its log offset, even while changes go on.
 *
 * <p>A store whose log must stay another broker's, byte by byte, has no records of this topic: its state is what was {@link
 * #adopt adopted} and what the snapshots hold.
 *
 * <p>Threading: {@code replay}, {@code follow} and {@code isEmpty} on any thread; all else as {@link LogIndex} says.
 */
public final class StateIndex implements LogIndex {
    /** The system topic whose records are the changes. */
    public static final String TOPIC_NAME = RecordFacts.STATE_TOPIC_NAME;

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

    private static final Logger LOG = LoggerFactory.getLogger(StateIndex.class);
    private static final int VERSION = 1;

    /** What an entry of other indexes costs in memory. */
    private static final int ENTRY_BYTES = 24;

    private final SnapshotFiles snapshots;

    /**
     * The state as of {@link #baseLogOffset}, or above, but not as of the first change since. Changed by the tail thread alone, under
     * this.
     */
    private final Map<Key, byte[]> base = new HashMap<>();

    private long baseLogOffset;

    /** How many snapshots are to be written: the base has changes that none has, or some turned out to be lost. */
    private int snapshotsDue;

    /** Changes that the base has not. Guarded by this. */
    private final ArrayDeque<Change> since = new ArrayDeque<>();

    private long sinceBytes;

    private final Object receiving = new Object();

    /** Takes what comes with another broker's log. Guarded by receiving. */
    private @Nullable StateVisitor follower;

    private StateIndex(SnapshotFiles snapshots) {
        this.snapshots = snapshots;
    }

    /**
     * Opens the state of a store, or begins one: {@link #recover} reads it.
     *
     * @param disk holds the snapshots
     * @param folder of the snapshots; made if missing
     * @param damages told of each damage
     * @return the index
     */
    public static StateIndex open(Disk disk, Path folder, Consumer<Damage> damages) {
        return new StateIndex(new SnapshotFiles(disk, folder, FILES, SnapshotFiles.STATE, damages));
    }

    @Override
    public String name() {
        return FILES;
    }

    @Override
    public int version() {
        return VERSION;
    }

    @Override
    public long recover(RecoveryPoint last) {
        Snapshot newest = snapshots.newest(last.endOfFiles());
        if (newest != null) {
            snapshots.read(newest, this::put);
            baseLogOffset = newest.logOffset();
        }
        long number = 0;
        if (!last.isNone()) {
            last.expectVersion(VERSION);
            number = last.progress().getLong();
        }
        boolean lost = snapshots.anyLost(number);
        snapshotsDue = lost ? SnapshotFiles.KEPT : 0;
        long from = baseLogOffset;
        if (!last.isNone() && number == (newest == null ? 0 : newest.number())) {
            // The checkpoint would name a newer one if there had been a change.
            from = Math.max(baseLogOffset, last.upToLogOffset());
        } else if (!last.isNone()) {
            snapshotsDue = Math.max(snapshotsDue, 1);
        }
        // Where there never was any state, as in a store of RocketMQ's, a log that begins late has cost none.
        boolean any = newest != null || lost || number > 0;
        reportLost(any && from < last.minLogOffset(), last.minLogOffset());
        return from;
    }

    /** What is lost by damaged and missing snapshots, and by a log that begins behind what is left of them. */
    private void reportLost(boolean incomplete, long minLogOffset) {
        if (incomplete) {
            LOG.error(
                    "state-incomplete asOf={} logBegins={} cause=\"the snapshots behind it and the changes are gone\""
                            + " effect=\"topics, groups and offsets that were changed between are as they were before\""
                            + " action=\"check the settings of topics and groups, and reset offsets where they are too"
                            + " old\"",
                    baseLogOffset,
                    minLogOffset);
        }
        snapshots.reportLost(
                incomplete
                        ? "what was changed between the log offsets " + baseLogOffset + " and " + minLogOffset
                                + " is lost"
                        : "nothing is lost: another snapshot or the log has it");
    }

    @Override
    public byte[] progress() {
        return ByteBuffer.allocate(Long.BYTES).putLong(snapshots.newestNumber()).array();
    }

    private void put(int type, byte[] key, byte @Nullable [] value) {
        if (value == null) {
            base.remove(new Key(type, key));
        } else {
            base.put(new Key(type, key), value);
        }
    }

    @Override
    public void apply(PublishedRecords records) {
        if (records.has(RecordFacts.STATE)) {
            for (int i = 0; i < records.count(); i++) {
                if (records.is(i, RecordFacts.STATE)) {
                    apply(records.logOffset(i), change(records, i));
                }
            }
        }
    }

    private static StateChange change(PublishedRecords records, int i) {
        RecordView record = records.record(i);
        try {
            return StateChange.read(record.bytes(), record.bodyAt(), record.bodyBytes());
        } catch (IllegalArgumentException e) {
            // Its checksums were right.
            throw new DiskException(
                    "the record at log offset " + records.logOffset(i) + " changes the state in a way that this version"
                            + " of MerlinMQ does not know: " + e.getMessage() + "; start the version that wrote it",
                    false,
                    e);
        }
    }

    /**
     * The topics whose lives a record ends.
     *
     * @param records has a record of the kind {@link RecordFacts#STATE}
     * @param i its row
     * @return their names
     */
    public static List<String> removedTopics(PublishedRecords records, int i) {
        return change(records, i).removedTopics();
    }

    synchronized void apply(long logOffset, StateChange change) {
        assert since.isEmpty() || since.getLast().logOffset < logOffset : logOffset + " comes late";
        since.addLast(new Change(logOffset, change));
        sinceBytes += change.bytes();
    }

    /**
     * Takes a change of which the log has no record, since the log must stay another broker's. The next checkpoint that covers
     * the log up to here has it; until then a crash loses it.
     *
     * @param change the change; not to be changed any more
     * @param logEnd where the log ends now
     */
    public synchronized void adopt(StateChange change, long logEnd) {
        long asOf = since.isEmpty() ? logEnd - 1 : Math.max(since.getLast().logOffset, logEnd - 1);
        since.addLast(new Change(asOf, change));
        sinceBytes += change.bytes();
    }

    @Override
    public synchronized long tailEntries() {
        return sinceBytes / ENTRY_BYTES;
    }

    /** Whether there is no state and was none; true for a new store, and for one that has lost all of it. */
    public synchronized boolean isEmpty() {
        return base.isEmpty() && since.isEmpty();
    }

    /**
     * Hands over the state: all entries in no order, then, in their order, the changes that came after them.
     *
     * @param into takes them; an entry may come more than once, and the last counts
     */
    public void replay(StateVisitor into) {
        Map<Key, byte[]> entries;
        List<Change> later;
        synchronized (this) {
            entries = new HashMap<>(base);
            later = List.copyOf(since);
        }
        entries.forEach((key, value) -> into.entry(key.type, key.bytes.clone(), value.clone()));
        later.forEach(each -> each.change.forEach(into));
    }

    /**
     * Hands over the state as {@link #replay} does, and from then on each change that comes with another broker's log, in the order
     * of the log. What was changed meanwhile may come twice.
     *
     * @param into takes all, under a monitor of its own, on this thread and on that of the receiver
     */
    public void follow(StateVisitor into) {
        synchronized (receiving) {
            replay(into);
            follower = into;
        }
    }

    /** Ends {@link #follow}: its visitor is not called any more when this returns. */
    public void endFollow() {
        synchronized (receiving) {
            follower = null;
        }
    }

    /**
     * Hands on what came with another broker's log, once it is published.
     *
     * @param records as they came
     */
    public void received(PublishedRecords records) {
        if (!records.has(RecordFacts.STATE)) {
            return;
        }
        synchronized (receiving) {
            StateVisitor into = follower;
            for (int i = 0; into != null && i < records.count(); i++) {
                if (records.is(i, RecordFacts.STATE)) {
                    change(records, i).forEach(into);
                }
            }
        }
    }

    /**
     * Hands over the state as the newest snapshot has it. Not while one is written.
     *
     * @param into takes all entries
     * @return the log offset that the snapshot is of; 0 if there is none
     */
    public long copyNewest(StateVisitor into) {
        Snapshot newest = snapshots.newest(Long.MAX_VALUE);
        if (newest == null) {
            return 0;
        }
        snapshots.read(newest, into);
        return newest.logOffset();
    }

    /** {@inheritDoc} No snapshot is written while there are no changes. */
    @Override
    public void flush(long upTo) {
        fold(upTo);
        while (snapshotsDue > 0) {
            write(upTo);
        }
    }

    private void fold(long upTo) {
        while (foldNext(upTo)) {
            snapshotsDue = Math.max(snapshotsDue, 1);
        }
    }

    private synchronized boolean foldNext(long upTo) {
        if (since.isEmpty() || since.getFirst().logOffset >= upTo) {
            return false;
        }
        Change next = since.removeFirst();
        sinceBytes -= next.change.bytes();
        next.change.forEach(this::put);
        return true;
    }

    private void write(long upTo) {
        snapshots.write(upTo, into -> base.forEach((key, value) -> into.entry(key.type, key.bytes, value)));
        baseLogOffset = upTo;
        snapshotsDue = Math.max(0, snapshotsDue - 1);
    }

    /** {@inheritDoc} No snapshot that is kept may need what is deleted: so any one of them can be lost. */
    @Override
    public void retain(long minLogOffset) {
        if (minLogOffset > 0 && !snapshots.reach(minLogOffset)) {
            fold(minLogOffset);
            long asOf = Math.max(baseLogOffset, minLogOffset);
            while (!snapshots.reach(minLogOffset)) {
                write(asOf);
            }
        }
    }

    @Override
    public void close() {
        // It holds no file open.
    }
}
