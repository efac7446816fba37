package org.merlinmq.storage;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.FolderLock;
import org.merlinmq.storage.facts.KeyVisitor;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.index.KeyIndex;
import org.merlinmq.storage.index.LogIndex;
import org.merlinmq.storage.index.Wakeup;
import org.merlinmq.storage.log.AckLevel;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendListener;
import org.merlinmq.storage.log.CommitLog;
import org.merlinmq.storage.log.CopyWaits;
import org.merlinmq.storage.log.EpochTable;
import org.merlinmq.storage.log.FlushQueue;
import org.merlinmq.storage.log.LogContext;
import org.merlinmq.storage.log.LogOpening;
import org.merlinmq.storage.log.LogReader;
import org.merlinmq.storage.log.LogReceiver;
import org.merlinmq.storage.log.LogSettings;
import org.merlinmq.storage.log.LogStart;
import org.merlinmq.storage.log.LogStats;
import org.merlinmq.storage.log.LogWaiter;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.log.WriteState;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.queue.QueueTable;
import org.merlinmq.storage.state.FormerStateLog;
import org.merlinmq.storage.state.SnapshotFiles;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.storage.state.StateIndex;
import org.merlinmq.storage.timer.TimerIndex;
import org.merlinmq.storage.transaction.OpenHalves;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one door to what a broker keeps on disk: append, read, find.
 *
 * <p>One store belongs to one process at a time; a second one that opens it is told who has it.
 *
 * <p>Threading: any thread.
 *
 * <p>Errors: {@link org.merlinmq.platform.disk.DiskException} when opening; later a failing disk shows as refused appends
 * and in {@link #writeState}, while reading goes on.
 */
public final class Storage implements AutoCloseable {
    /** What is ours in a store that another broker of the protocol may have made. */
    private static final String DERIVED_FOLDER = "merlin";

    private static final Logger LOG = LoggerFactory.getLogger(Storage.class);

    private final StorageConfig config;
    private final FolderLock lock;
    private final CommitLog log;
    private final LogReader reader;
    private final Indexes indexes;
    private final StateWriter stateWriter;
    private final FormerStateLog formerState;
    private final StoreMaintenance maintenance;
    private final EpochTable epochs;
    private final RecordRule rule;
    private final SetAside aside;

    private Storage(
            StorageConfig config,
            FolderLock lock,
            CommitLog log,
            Indexes indexes,
            StateWriter stateWriter,
            FormerStateLog formerState,
            StoreMaintenance maintenance,
            EpochTable epochs,
            RecordRule rule,
            SetAside aside) {
        this.config = config;
        this.lock = lock;
        this.log = log;
        this.reader = log.reader();
        this.indexes = indexes;
        this.stateWriter = stateWriter;
        this.formerState = formerState;
        this.maintenance = maintenance;
        this.epochs = epochs;
        this.rule = rule;
        this.aside = aside;
    }

    /**
     * Whether a folder holds a store that was opened before: such a one is opened again whatever space is free.
     *
     * @param folder of the store
     * @return false if {@code open} would make a new store, or take over one of another broker
     */
    public static boolean isIn(Path folder) {
        return Files.isDirectory(folder.resolve(DERIVED_FOLDER));
    }

    /**
     * Opens a store, or makes one. What a crash left is put in order; see {@link #open(StorageConfig, Disk, Clock,
     * RecordRule, Progress)}.
     *
     * @param config how it is kept
     * @param disk where
     * @param clock the time
     * @param progress told of long work
     * @return the open store
     */
    public static Storage open(StorageConfig config, Disk disk, Clock clock, Progress progress) {
        return open(config, disk, clock, RecordRule.NONE, progress);
    }

    /**
     * Opens a store, or makes one. What a crash left is put in order: the log is read from the last checkpoint on, or as
     * a whole if there is none that can be used.
     *
     * @param config how it is kept
     * @param disk where
     * @param clock the time
     * @param rule what only the broker knows of a record that is read again
     * @param progress told of long work
     * @return the open store
     */
    public static Storage open(StorageConfig config, Disk disk, Clock clock, RecordRule rule, Progress progress) {
        return open(config, StoreEnvironment.of(disk, clock), rule, progress);
    }

    /**
     * Opens a store, or makes one, as {@link #open(StorageConfig, Disk, Clock, RecordRule, Progress)} does, with threads
     * from outside.
     *
     * @param config how it is kept
     * @param environment where, when and by which threads
     * @param rule what only the broker knows of a record that is read again
     * @param progress told of long work
     * @return the open store
     */
    public static Storage open(StorageConfig config, StoreEnvironment environment, RecordRule rule, Progress progress) {
        Disk disk = environment.disk();
        disk.createFolders(config.folder());
        FolderLock lock = disk.lock(config.folder().resolve("lock"));
        boolean opened = false;
        try {
            Storage storage = open(config, environment, rule, progress, lock);
            storage.maintenance.start();
            opened = true;
            return storage;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    /**
     * Makes a store that is to be a copy of another one, whose log may begin late. {@link #open} and {@link #follow} come next:
     * the receiver takes the other log's bytes from {@link CopyStart#logOffset} on. If this fails or is interrupted, empty the
     * folder and begin anew.
     *
     * @param config how it is kept, with segments of the size that the other store's have
     * @param environment where, when and by which threads
     * @param start the other store's {@link #copyStart}
     * @throws DiskException if there is a log already
     */
    public static void begin(StorageConfig config, StoreEnvironment environment, CopyStart start) {
        if (config.segmentBytes() != start.segmentBytes()) {
            throw new IllegalArgumentException("the other store has segments of " + start.segmentBytes()
                    + " bytes, so this one cannot have them of " + config.segmentBytes());
        }
        environment.disk().createFolders(config.folder());
        FolderLock lock = environment.disk().lock(config.folder().resolve("lock"));
        try {
            makeCopy(config, environment, start);
        } finally {
            lock.close();
        }
    }

    /**
     * Cuts a store that is not open back to an earlier end of its log: afterwards it is as if it had never had more. What is cut
     * off is kept in the folder {@code cut}. If this fails or is interrupted, {@link #open} finds the store as it was, or cut.
     *
     * @param config how it is kept
     * @param environment where
     * @param logOffset where a record ends, or the log begins
     * @return false if the state of then is not known any more, since segments were deleted and the last checkpoint is of a later
     *     moment: nothing is changed then, and the store has to begin again with a copy of another one
     */
    public static boolean cutBack(StorageConfig config, StoreEnvironment environment, long logOffset) {
        Disk disk = environment.disk();
        disk.createFolders(config.folder());
        FolderLock lock = disk.lock(config.folder().resolve("lock"));
        try {
            Path derived = config.folder().resolve(DERIVED_FOLDER);
            return new CutBack(disk, config.folder(), derived, settings(config), logOffset).run();
        } finally {
            lock.close();
        }
    }

    /**
     * Empties a store that is not open: the next {@link #open} makes a new one, and {@link #begin} may. What was in it is kept
     * in folders {@code aside-N} inside, as {@link StorageConfig#setAside} allows, and counts until {@link #copyIsLevel}: {@link
     * #putBack} makes it the store again. If this is interrupted, the next {@link #open} finds one of the two as a whole; or, of a
     * store that is not kept, a part of it that has no epochs any more, which a follower empties once more.
     *
     * @param config how it is kept
     * @param environment where
     * @param old what its log has; null to delete what is in it: for a store without records
     * @return whether a store is aside that counts: this one, or the one for which this one is a copy that is not level
     */
    public static boolean empty(StorageConfig config, StoreEnvironment environment, @Nullable SetAsideLog old) {
        try (FolderLock _ = lock(config, environment.disk())) {
            return setAside(config, environment.disk()).run(old);
        }
    }

    /**
     * Puts the store back that was set aside, in the place of the copy that is not level; neither is open. If this is interrupted
     * the next {@link #open} finishes it.
     *
     * @param config how it is kept
     * @param environment where
     * @throws DiskException if what was set aside is gone
     */
    public static void putBack(StorageConfig config, StoreEnvironment environment) {
        try (FolderLock _ = lock(config, environment.disk())) {
            setAside(config, environment.disk()).putBack();
        }
    }

    private static FolderLock lock(StorageConfig config, Disk disk) {
        disk.createFolders(config.folder());
        return disk.lock(config.folder().resolve("lock"));
    }

    private static SetAside setAside(StorageConfig config, Disk disk) {
        Path derived = config.folder().resolve(DERIVED_FOLDER);
        return new SetAside(disk, config.folder(), derived, config.commitLogFolder(), config.setAside());
    }

    /**
     * What was set aside for this store, which is a copy that is not level yet: that counts, and not what is here.
     *
     * @return null if this store is no such copy
     */
    public @Nullable SetAsideLog setAside() {
        return aside.counting();
    }

    /** This store counts from now on, durably; what was set aside for it is not needed any more. */
    public void copyIsLevel() {
        aside.forget();
    }

    private static void makeCopy(StorageConfig config, StoreEnvironment environment, CopyStart start) {
        Disk disk = environment.disk();
        ReentrantLock appendLock = new ReentrantLock();
        Path folder = config.folder().resolve(DERIVED_FOLDER);
        LogContext context = context(config, environment, appendLock, List.of());
        LogOpening.create(disk, context.settings(), start.logOffset());
        for (int i = 0; i < SnapshotFiles.KEPT; i++) {
            new SnapshotFiles(disk, folder, StateIndex.FILES, SnapshotFiles.STATE, damage -> {})
                    .write(start.stateLogOffset(), start.state()::forEach);
            new SnapshotFiles(disk, folder, QueueTable.FILES, SnapshotFiles.QUEUES, damage -> {})
                    .write(start.logOffset(), start.queues()::forEach);
        }
        appendLock.lock();
        try (Indexes indexes = Indexes.open(disk, folder, appendLock, config.keyIndex(), damage -> {});
                LogOpening opening = LogOpening.begin(context, 0)) {
            indexes.recover(Checkpoint.NONE, opening);
            indexes.start();
            // Written before the checkpoint: a store that has one and no table has lost it.
            EpochTable.open(disk, config.folder(), false);
            new Checkpointer(disk, folder, indexes, 0).run(start.logOffset(), 0, true);
        } finally {
            appendLock.unlock();
        }
    }

    private static LogContext context(
            StorageConfig config, StoreEnvironment environment, ReentrantLock appendLock, List<LogIndex> indexes) {
        return new LogContext(
                environment.disk(),
                settings(config),
                appendLock,
                indexes,
                environment.clock()::millis,
                environment.threads());
    }

    private static LogSettings settings(StorageConfig config) {
        return new LogSettings(
                config.commitLogFolder(),
                config.segmentBytes(),
                config.maxRecordBytes(),
                config.flushInterval(),
                config.syncFlushTimeout());
    }

    private static Storage open(
            StorageConfig config, StoreEnvironment environment, RecordRule rule, Progress progress, FolderLock lock) {
        Disk disk = environment.disk();
        SetAside aside = setAside(config, disk);
        aside.finish();
        ReentrantLock appendLock = new ReentrantLock();
        Path folder = config.folder().resolve(DERIVED_FOLDER);
        Damages damages = new Damages();
        boolean derivedLost = !disk.exists(folder);
        Indexes indexes = Indexes.open(disk, folder, appendLock, config.keyIndex(), damages);
        FormerStateLog formerState = new FormerStateLog(disk, folder, StateIndex.FILES, damages);
        LogContext context = context(config, environment, appendLock, List.of(indexes.all()));
        Checkpoint last = Checkpoint.load(disk, folder);
        long upTo = last == null ? 0 : last.upToLogOffset();
        LogStart start = last == null ? LogStart.UNKNOWN : new LogStart(upTo, upTo, last.lastStoreMillis());
        Checkpointer checkpointer = new Checkpointer(disk, folder, indexes, upTo);
        appendLock.lock();
        try (LogOpening opening = LogOpening.begin(context, upTo)) {
            tellLog(opening, derivedLost ? folder : null);
            long from = indexes.recover(last == null ? Checkpoint.NONE : last, opening);
            boolean anew = indexes.mend(opening::scan, rule) || from < upTo;
            indexes.start();
            Recovery recovery = new Recovery(indexes, rule, checkpointer, config.checkpointEntries(), opening::force);
            if (from < upTo) {
                opening.scan(from, upTo, recovery);
            }
            boolean hadEpochs = last != null && last.part(indexes.state().name()) != null;
            EpochTable epochs = EpochTable.open(disk, config.folder(), hadEpochs);
            CommitLog log = opening.finish(
                    start,
                    epochs.isOfGroup(),
                    recovery,
                    (done, total) -> progress.report("reading the commit log", done, total));
            indexes.recovered();
            ConfirmedFile confirmed = ConfirmedFile.open(disk, folder, log.maxLogOffset());
            StoreMaintenance maintenance = new StoreMaintenance(
                    config, environment, log, rule, indexes, checkpointer, damages, epochs, confirmed);
            if (anew || last == null) {
                maintenance.checkpointAtStart();
            }
            Queue stateQueue = indexes.queues().queue(StateIndex.TOPIC_NAME, 0);
            StateWriter stateWriter = new StateWriter(log, stateQueue, environment.clock());
            epochs.endAt(log.maxLogOffset());
            return new Storage(config, lock, log, indexes, stateWriter, formerState, maintenance, epochs, rule, aside);
        } finally {
            appendLock.unlock();
        }
    }

    /** A log that begins late had its first segments deleted, by retention or by hand: nothing tells which. */
    private static void tellLog(LogOpening opening, @Nullable Path lost) {
        if (opening.endOfFiles() == 0) {
            return;
        }
        if (lost == null) {
            LOG.info("log-opened begins={} endsBelow={}", opening.minLogOffset(), opening.endOfFiles());
        } else {
            LOG.warn(
                    "indexes-missing folder={} logBegins={} logEndsBelow={} action=\"made anew from the log: indexes,"
                            + " and topics, groups and offsets as far as it has their changes\"",
                    lost,
                    opening.minLogOffset(),
                    opening.endOfFiles());
        }
    }

    /**
     * A batch for one event loop, to be used again and again.
     *
     * @param listener told what became of each append
     * @return an empty batch
     */
    public AppendBatch newBatch(AppendListener listener) {
        boolean copied = log.copies().required() > 0;
        AckLevel usual = switch (config.flush()) {
            case ASYNC -> copied ? AckLevel.COPIED : AckLevel.WRITTEN;
            case SYNC -> copied ? AckLevel.FLUSHED_AND_COPIED : AckLevel.FLUSHED;
        };
        return log.newBatch(usual, listener);
    }

    /**
     * Whether a start has given up whole records at the end of a group's log, since what lies before them is damaged: not by a
     * crash, whose holes have nothing behind them that was acknowledged as durable. Or what {@link #setAside} was is gone. Holds
     * until {@link #lossIsKnown}.
     *
     * @return false for a store that is of no group: there the log goes on behind the damage
     */
    public boolean hasLostRecords() {
        return log.hasLostRecords() || aside.isLost();
    }

    /**
     * Forgets that records were lost: whoever has to know has kept it durably.
     *
     * @throws DiskException if the disk fails
     */
    public void lossIsKnown() {
        log.lossIsKnown();
        if (aside.isLost()) {
            aside.forget();
        }
    }

    /**
     * The largest record to take from outside: as configured, or less in a store of small segments.
     *
     * @return bytes
     */
    public int maxRecordBytes() {
        return Math.min(config.maxRecordBytes(), log.maxRecordBytes());
    }

    /**
     * Appends all records of a batch, or none; its listener is told, often before this returns. A batch that waits for
     * the disk is told by another thread.
     *
     * @param batch the records
     */
    public void append(AppendBatch batch) {
        log.append(batch);
    }

    /**
     * Finds or makes a queue. A new one is known to this process alone until a record of it is stored.
     *
     * @param topic the topic's name
     * @param queueId its number in the topic
     * @return the queue
     */
    public Queue queue(String topic, int queueId) {
        return indexes.queues().queue(topic, queueId);
    }

    /**
     * Finds a queue.
     *
     * @param topic the topic's name
     * @param queueId its number in the topic
     * @return the queue; null if there is none
     */
    public @Nullable Queue findQueue(String topic, int queueId) {
        return indexes.queues().find(topic, queueId);
    }

    /**
     * Visits all queues, in no order.
     *
     * @param each the visitor
     */
    public void forEachQueue(Consumer<Queue> each) {
        indexes.queues().forEach(each);
    }

    /**
     * A queue of a topic that is being deleted, for a message that comes too late: it takes none.
     *
     * @param topic the topic's name
     * @param queueId its number in the topic
     * @return a queue that nothing else finds
     */
    public Queue endedQueue(String topic, int queueId) {
        return indexes.queues().ended(topic, queueId);
    }

    /**
     * A reader of the records that queue entries point to, for one thread.
     *
     * @return a reader that holds no memory before it reads
     */
    public RecordReader newRecordReader() {
        return reader.records();
    }

    /**
     * Copies the record that begins at an offset which may come from anywhere, such as a message id.
     *
     * @param logOffset any number
     * @return the record; null if no whole one begins there
     */
    public byte @Nullable [] readRecord(long logOffset) {
        return reader.readRecord(logOffset);
    }

    /**
     * Copies published bytes of the log as they are: what a replica of this store is made of.
     *
     * @param logOffset the first
     * @param to where they are copied
     * @param at first byte there
     * @param max the most to copy
     * @return how many; 0 if nothing is published there yet, -1 if they were deleted
     */
    public int copyLog(long logOffset, byte[] to, int at, int max) {
        return reader.copy(logOffset, to, at, max);
    }

    /**
     * Copies published bytes as {@link #copyLog(long, byte[], int, int)} does, into a buffer.
     *
     * @param logOffset the first
     * @param to takes as many as fit, or as there are; a direct one without a copy in between
     * @return how many; 0 if nothing is published there yet, -1 if they were deleted
     */
    public int copyLog(long logOffset, ByteBuffer to) {
        return reader.copy(logOffset, to);
    }

    /**
     * What a copy of this store begins with, besides the bytes of its log from {@link #minLogOffset} on.
     *
     * @return the state and the queues
     */
    public CopyStart copyStart() {
        return maintenance.copyStart();
    }

    /**
     * Begins to follow another store, whose bytes go to the receiver. Until that is closed this one takes no appends, and no
     * topic is deleted from it.
     *
     * @return takes the other log's bytes from this log's end on
     */
    public LogReceiver follow() {
        return log.follow(rule, indexes.state()::received);
    }

    /** The batches that wait until other brokers have them: those of {@link #newBatch} do once copies are required. */
    public CopyWaits copies() {
        return log.copies();
    }

    /**
     * Shows consumers only what is confirmed from now on: what was when the store was last open, as far as that is known, and
     * more by {@link #readableTo}. To be called once, before anybody else knows the store.
     */
    public void readConfirmedOnly() {
        maintenance.boundReaders();
    }

    /**
     * Lets consumers have more of a store that shows {@link #readConfirmedOnly what is confirmed}, and wakes those who wait for it.
     * The next start goes on from what was said a second before it ended, or later.
     *
     * <p>Threading: one thread at a time.
     *
     * @param logOffset records that begin below are confirmed, and end at {@link #maxLogOffset} at most; one that is lower than an
     *     earlier one changes nothing
     */
    public void readableTo(long logOffset) {
        Wakeup woken = indexes.queues().readable().advance(logOffset);
        maintenance.readableMoved();
        Wakeup.wakeAll(woken);
    }

    /** Consumers get the records that begin below; {@link Long#MAX_VALUE} if they get all. */
    public long readableEnd() {
        return indexes.queues().readable().logOffset();
    }

    /**
     * Takes no appends from now on, also none of the broker's own, and waits for those in flight. For a member of a group that does
     * not lead it: what it appended by itself nobody else would have. What comes by {@link #follow} is taken.
     */
    public void standBy() {
        log.standBy();
    }

    /** Takes appends again after {@link #standBy}. */
    public void takeAppends() {
        log.takeAppends();
    }

    /** Whether no appends are taken since {@link #standBy}. */
    public boolean standsBy() {
        return log.standsBy();
    }

    /** Whether this store follows another one: a receiver is open. */
    public boolean isFollowing() {
        return log.isFollowing();
    }

    /**
     * Takes a change of the state without a record of it, while this store follows one of RocketMQ's: that broker's log has no
     * such records, and this one must stay equal to it. Durable with the next {@link #checkpoint}. A topic whose entry it
     * removes ends as by {@link #append(StateChange)}, at the log's end of now.
     *
     * <p>Threading: any thread.
     *
     * @param change the change; not to be changed any more
     * @return the log's end, as of which the change counts
     * @throws IllegalStateException if the store follows no other one
     */
    public long adopt(StateChange change) {
        long[] asOf = new long[1];
        log.whileFollowing(end -> {
            // Below the end, so that a checkpoint of now has it; no record begins between the two.
            change.removedTopics().forEach(topic -> indexes.queues().end(topic, Math.max(0, end - 1)));
            indexes.state().adopt(change, end);
            asOf[0] = end;
        });
        return asOf[0];
    }

    /** The size of each segment of the log, in bytes. */
    public long segmentBytes() {
        return reader.segmentBytes();
    }

    /**
     * Asks that somebody is woken when the log has grown to an offset, once; that takes the place of what it asked before.
     *
     * @param waiter whom to wake
     * @param logOffset when {@link #maxLogOffset} reaches it; at once if it has
     */
    public void wakeAt(LogWaiter waiter, long logOffset) {
        log.wakeAt(waiter, logOffset);
    }

    /**
     * Forgets what somebody asked by {@link #wakeAt}.
     *
     * @param waiter who does not wait any more
     */
    public void wakeNever(LogWaiter waiter) {
        log.wakeNever(waiter);
    }

    /** Which part of the log was written under which master. */
    public EpochTable epochs() {
        return epochs;
    }

    /** Where the oldest record may begin. */
    public long minLogOffset() {
        return reader.minLogOffset();
    }

    /** Where the newest record ends. */
    public long maxLogOffset() {
        return log.maxLogOffset();
    }

    /** All records below are confirmed by the disk. */
    public long flushedLogOffset() {
        return log.flushedLogOffset();
    }

    /**
     * Finds a message by its store time.
     *
     * @param queue where to look
     * @param timeMillis the time, in milliseconds since 1970
     * @param upper false: the first message stored at the time or later; true: the last one stored at the time or
     *     earlier
     * @return its queue offset. If there is no such message: the queue's max offset (not upper), its min offset (upper)
     */
    public long queueOffsetAt(Queue queue, long timeMillis, boolean upper) {
        return new TimeSearch(reader, queue).find(timeMillis, upper);
    }

    /**
     * Finds messages by one of their keys.
     *
     * @param topic the topic's name
     * @param key the unique key, or a word of the keys
     * @param max the most to find
     * @param beginMillis none that were stored before
     * @param endMillis none that were stored after
     * @return their log offsets, the newest first; none if keys are not indexed
     */
    public long[] findByKey(String topic, String key, int max, long beginMillis, long endMillis) {
        KeyIndex index = indexes.keys();
        return index == null ? new long[0] : new KeySearch(reader, index).find(topic, key, max, beginMillis, endMillis);
    }

    /**
     * Visits the keys of the messages that were stored since some time, and of some that were stored before. Where keys are
     * not indexed the log itself is read.
     *
     * @param fromMillis the time, in milliseconds since 1970
     * @param visitor takes the keys
     */
    public void forEachKeySince(long fromMillis, KeyVisitor visitor) {
        new KeysSince(reader, indexes.keys()).forEach(fromMillis, visitor);
    }

    /** Whether messages are found by their keys. */
    public boolean findsByKey() {
        return indexes.keys() != null;
    }

    /** The messages that are due later. */
    public TimerIndex timers() {
        return indexes.timers();
    }

    /** The half messages that are not decided. */
    public OpenHalves transactions() {
        return indexes.transactions().halves();
    }

    /**
     * The broker's own tables, as they were when the store was opened and as {@link #append(StateChange)} changed them.
     *
     * @return the index of them
     */
    public StateIndex state() {
        return indexes.state();
    }

    /**
     * Appends a change of the state, all of it or nothing: published when this returns, and as durable as any message there.
     * A topic whose entry it removes takes no more messages in its queues from the change's place in the log on; its
     * messages below stay in the log until it is cut.
     *
     * <p>It is taken while messages are refused since the disk is nearly full, as long as the log has a segment for it.
     *
     * <p>Threading: any thread, event loops too: waits for writes in flight, never for a sync.
     *
     * @param change the change; not to be changed any more
     * @return the log offset behind its record
     * @throws DiskException if the log does not take it; nothing is changed then
     */
    public long append(StateChange change) {
        return stateWriter.append(change);
    }

    /** The state as version 0.1.0 kept it beside the log, if there is any. */
    public FormerStateLog formerState() {
        return formerState;
    }

    /**
     * Makes durable what was appended before, messages and changes of the state.
     *
     * @throws DiskException if the disk does not confirm it
     */
    public void flush() {
        long end = log.maxLogOffset();
        if (log.flush() < end) {
            throw new DiskException(log.writeState().sentence(), false, null);
        }
    }

    /**
     * Makes a checkpoint now: all that was appended before is durable, in the log and in the files of the indexes.
     *
     * @throws DiskException if the disk does not take it
     */
    public void checkpoint() {
        flush();
        maintenance.checkpointNow();
    }

    /** When a message counts as stored. */
    public FlushMode flushMode() {
        return config.flush();
    }

    /** Whether writes are taken, and if not, why. */
    public WriteState writeState() {
        return log.writeState();
    }

    /**
     * Asks for a sync of what is published at once, and does not wait for it: one sync serves all who ask meanwhile. {@link
     * #afterSync} hears of its end.
     */
    public void syncSoon() {
        log.syncSoon();
    }

    /**
     * Hears of each sync from now on, in the place of who did before: {@link #flushedLogOffset} may have grown.
     *
     * @param listener called by the syncing thread, with no lock held; must return at once
     */
    public void afterSync(LogWaiter listener) {
        log.afterSync(listener);
    }

    /** Who waits for the disk. */
    public FlushQueue flushQueue() {
        return log.flushQueue();
    }

    /** What the store did since it was opened. */
    public LogStats stats() {
        return log.stats();
    }

    /**
     * Says how delayed messages are relocated to the log's end when the log is about to let go of the segment that they
     * wait in. Until it is said, and while it fails, such segments stay.
     *
     * @param copier copies a record
     */
    public void beforeExpiry(TimerCopier copier) {
        maintenance.beforeExpiry(copier);
    }

    /**
     * Says how open half messages are relocated to the log's end, as {@link #beforeExpiry} does of delayed ones.
     *
     * @param copier copies a record
     */
    public void beforeHalvesExpire(HalfCopier copier) {
        maintenance.beforeHalvesExpire(copier);
    }

    /**
     * Changes how long messages are kept, at which hours old ones are deleted, and how full the disk may be. All else stays
     * as it was when the store was opened. The next check takes it over, at most 10 s later.
     *
     * @param next the configuration whose retention counts
     */
    public void retain(StorageConfig next) {
        maintenance.retain(next);
    }

    /**
     * Deletes what is older than it is kept, whatever the hour, as soon as {@code store-tail} gets to it. A segment in which
     * delayed messages wait goes once they are relocated.
     *
     * @return how many segments the first look deleted; cancelled if the store is closed before
     */
    public CompletableFuture<Integer> deleteExpired() {
        return maintenance.deleteExpired();
    }

    /**
     * Whether old segments are deleted by force as the disk fills. Where they are, what is copied from them makes room.
     *
     * @return as configured
     */
    public boolean deletesByForce() {
        return maintenance.deletesByForce();
    }

    /** Does now what {@code store-tail} does every ten seconds; returns whether it would do so again soon. */
    boolean checkDisk() {
        return maintenance.checkDisk();
    }

    /** Takes no more writes, makes all durable and gives the folder back. Closing twice does nothing. */
    @Override
    public void close() {
        log.stop();
        maintenance.close();
        log.close();
        indexes.close();
        lock.close();
    }
}
