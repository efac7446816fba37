package org.merlinmq.storage.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.index.LogIndex;
import org.merlinmq.storage.index.LogReplay;
import org.merlinmq.storage.index.PublishedRecords;
import org.merlinmq.storage.index.RecordQueue;
import org.merlinmq.storage.index.Wakeup;
import org.merlinmq.storage.run.Run;
import org.merlinmq.storage.run.RunFile;
import org.merlinmq.storage.run.RunKind;
import org.merlinmq.storage.run.RunStore;
import org.merlinmq.storage.run.RunWriter;
import org.merlinmq.storage.state.FormerStateLog;
import org.merlinmq.storage.state.SnapshotFiles;
import org.merlinmq.storage.state.SnapshotFiles.Snapshot;
import org.merlinmq.storage.state.StateIndex;
import org.merlinmq.storage.state.StateVisitor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All queues of a store.
 *
 * <p>At the start all queues are known as soon as the table is open; then it goes on as a {@link LogIndex}.
 *
 * <p>Threading: looking up on any thread without a lock; making and deleting on any thread, under a lock of the
 * table's own, which may be taken before the append lock and never after it; all else as {@link LogIndex} says.
 *
 * <p>Format: docs/formats/queue-table.md, docs/formats/queue-run.md.
 */
public final class QueueTable implements LogIndex {
    private static final Logger LOG = LoggerFactory.getLogger(QueueTable.class);

    /** The highest number that a queue may have in its topic. */
    public static final int MAX_QUEUE_ID = (1 << 20) - 1;

    private static final RunKind RUNS = new RunKind(1, "queue", RunKind.QUEUE_ENTRY_BYTES);
    private static final int VERSION = 2;

    /** That of 0.1.0, whose names are in a journal. */
    private static final int FORMER_VERSION = 1;

    /** Of a queue that is not in the table. */
    private static final int NO_HANDLE = -1;

    /** A record that claims to be so far ahead in its queue has a damaged queue offset. */
    private static final long MAX_MISSING = 1 << 20;

    /** Queues trimmed under one hold of the append lock. */
    private static final int TRIM_BATCH = 256;

    /** What the files of the table's snapshots begin with. */
    public static final String FILES = "queues";

    private final Lock appendLock;
    private final TopicMap topics = new TopicMap();
    private final ReadableEnd readable = new ReadableEnd();
    private final SnapshotFiles snapshots;
    private final FormerStateLog former;
    private final RunStore store;
    private final QueueRuns runs;
    private volatile long minLogOffset;

    // Guarded by this, but where it says otherwise.
    private int nextHandle;

    private final TopicEnds ends = new TopicEnds();

    /** Whether the snapshots lack something; then how many are to be written. */
    private int snapshotsDue;

    /** Queues with entries in their tail, in no order. Guarded by the append lock. */
    private Queue[] active = new Queue[16];

    private int activeCount;
    private volatile long tailSlots;

    private QueueTable(SnapshotFiles snapshots, FormerStateLog former, RunStore store, Lock appendLock) {
        this.snapshots = snapshots;
        this.former = former;
        this.store = store;
        this.appendLock = appendLock;
        runs = new QueueRuns(store);
    }

    /**
     * Opens the table of a store or begins one: {@link #recover} reads it.
     *
     * @param disk holds the files
     * @param folder of the table and the queue runs; made if missing
     * @param appendLock the log's append lock
     * @param damages told of each damage
     * @return the table
     */
    public static QueueTable open(Disk disk, Path folder, Lock appendLock, Consumer<Damage> damages) {
        return new QueueTable(
                new SnapshotFiles(disk, folder, FILES, SnapshotFiles.QUEUES, damages),
                new FormerStateLog(disk, folder, FILES, damages),
                new RunStore(disk, folder, RUNS, damages),
                appendLock);
    }

    private Queue replace(String name, int queueId, int handle, long bornAt) {
        TopicQueues topic = topics.find(name);
        TopicQueues owner = topic == null ? topics.add(name) : topic;
        Queue queue = new Queue(this, owner, queueId, handle, bornAt);
        owner.add(queue);
        return queue;
    }

    /**
     * Finds or makes a queue. A new one is known to this process alone until it has a record.
     *
     * @param topic the topic's name
     * @param queueId its number in the topic, 0 to {@link #MAX_QUEUE_ID}
     * @return the queue
     */
    public Queue queue(String topic, int queueId) {
        Queue found = find(topic, queueId);
        return found != null ? found : make(topic, queueId);
    }

    private synchronized Queue make(String name, int queueId) {
        if (!canBe(queueId)) {
            throw new IllegalArgumentException("queueId " + queueId + " is not in 0.." + MAX_QUEUE_ID);
        }
        TopicQueues topic = topics.find(name);
        Queue there = topic == null ? null : topic.queue(queueId);
        if (there != null) {
            return there;
        }
        if (topic != null && topic.ending) {
            return ended(name, queueId);
        }
        snapshotsDue = Math.max(snapshotsDue, 1);
        return replace(name, queueId, nextHandle++, ends.at(name));
    }

    /**
     * A queue of a topic that is being deleted: it takes no messages, and nothing finds it.
     *
     * @param topic the topic's name
     * @param queueId its number in the topic
     * @return the queue
     */
    public Queue ended(String topic, int queueId) {
        Queue queue = new Queue(this, new TopicQueues(topic, new byte[0], 0), queueId, NO_HANDLE, 0);
        queue.end(0);
        return queue;
    }

    /**
     * Finds a queue.
     *
     * @param topic the topic's name
     * @param queueId its number in the topic
     * @return the queue, null if there is none
     */
    public @Nullable Queue find(String topic, int queueId) {
        TopicQueues found = topics.find(topic);
        return found == null ? null : found.queue(queueId);
    }

    /**
     * Finds a queue by the bytes of its topic's name. Allocates nothing.
     *
     * @param bytes holds the name in UTF-8
     * @param at where it begins
     * @param length its bytes
     * @param queueId its number in the topic
     * @return the queue, null if there is none
     */
    public @Nullable Queue find(byte[] bytes, int at, int length, int queueId) {
        TopicQueues found = topics.find(bytes, at, length);
        return found == null ? null : found.queue(queueId);
    }

    /**
     * Visits all queues, in no order; those made meanwhile may be missed.
     *
     * @param each the visitor
     */
    public void forEach(Consumer<Queue> each) {
        topics.forEach(topic -> {
            for (int id = 0; id < topic.limit(); id++) {
                Queue queue = topic.queue(id);
                if (queue != null) {
                    each.accept(queue);
                }
            }
        });
    }

    /**
     * Ends the lives of topics for those who append: no queue of them takes another record. What is placed below the end is
     * published before it.
     *
     * <p>Threading: under the append lock.
     */
    @Override
    public void placed(PublishedRecords records) {
        for (int i = 0; i < records.count(); i++) {
            if (records.is(i, RecordFacts.STATE)) {
                long logOffset = records.logOffset(i);
                StateIndex.removedTopics(records, i).forEach(topic -> ending(topic, logOffset));
            }
        }
    }

    private synchronized void ending(String name, long logOffset) {
        TopicQueues topic = topics.find(name);
        if (topic != null) {
            topic.ending = true;
            topic.forEach(queue -> queue.end(logOffset));
        }
    }

    /**
     * Takes a topic's queues out of the table: a queue of that name made later is another one. An end that is read again
     * and that the table knew, or a later one, changes nothing.
     *
     * <p>Threading: under the append lock.
     *
     * @param name the topic
     * @param logOffset its records below are dead
     */
    public synchronized void end(String name, long logOffset) {
        TopicQueues topic = topics.find(name);
        if (topic != null && !ends.isKnown(name, logOffset)) {
            ending(name, logOffset);
            topics.remove(topic);
            ends.end(topic, logOffset);
        }
    }

    @Override
    public String name() {
        return RUNS.word();
    }

    @Override
    public int version() {
        return VERSION;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A record that its queue has numbered is its next one. Any other is entered unless the queue has it already, or its
     * topic was deleted after it; the queue is made if the table does not know it.
     *
     * <p>A record that is the first of its queue, and lies behind the last one that the queue has, says that the topic was
     * deleted and made again by a broker whose journal we do not have: the queue begins again with it, as it did there.
     */
    @Override
    public void apply(PublishedRecords records) {
        // A short loop: its misses of the cache in one queue are waited for together with the next one's.
        for (int i = 0, end; i < records.count(); i = end) {
            end = records.runEnd(i);
            RecordQueue numbered = records.queue(i);
            if (records.is(i, RecordFacts.UNQUEUED)) {
                continue;
            }
            if (records.has(RecordFacts.STATE)) {
                endTopics(records, i, end);
            }
            if (numbered != null) {
                ((Queue) numbered).publish(records, i, end);
            } else {
                enter(records, i);
            }
        }
    }

    private void endTopics(PublishedRecords records, int from, int end) {
        for (int i = from; i < end; i++) {
            if (records.is(i, RecordFacts.STATE)) {
                long logOffset = records.logOffset(i);
                StateIndex.removedTopics(records, i).forEach(topic -> end(topic, logOffset));
            }
        }
    }

    private void enter(PublishedRecords records, int i) {
        RecordView record = records.record(i);
        if (!isDamaged(record)) {
            enter(
                    record.bytes(),
                    record.topicAt(),
                    record.topicBytes(),
                    record.queueId(),
                    record.queueOffset(),
                    record.logOffset(),
                    record.totalBytes(),
                    records.crc(i),
                    records.tagsCode(i));
        }
    }

    /** Whether its queue or its place there cannot be: no checksum of a record covers them. */
    private boolean isDamaged(RecordView record) {
        Queue queue = find(record);
        long next = queue == null ? 0 : queue.maxOffset();
        if (canBe(record.queueId()) && (next == 0 || record.queueOffset() - next <= MAX_MISSING)) {
            return false;
        }
        LOG.error(
                "record-damaged logOffset={} topic={} queueId={} queueOffset={} expected={} action=\"kept out of its queue\"",
                record.logOffset(),
                record.topic(),
                record.queueId(),
                record.queueOffset(),
                next);
        return true;
    }

    /** Enters a record that came with its number; returns whether it was new. */
    boolean enter(
            byte[] bytes,
            int at,
            int length,
            int queueId,
            long queueOffset,
            long logOffset,
            int size,
            int crc32c,
            long tagsCode) {
        Queue queue = recovered(bytes, at, length, queueId, logOffset);
        if (queue == null) {
            return false;
        }
        Queue living = queueOffset == 0 && queue.endsBelow(logOffset) ? beginAgain(queue, logOffset) : queue;
        return living.recover(queueOffset, logOffset, size, crc32c, tagsCode);
    }

    @Override
    public @Nullable Wakeup takeWaiters(PublishedRecords records, @Nullable Wakeup chain) {
        Wakeup woken = chain;
        boolean bounded = readable.isBounded();
        for (int i = 0, end; i < records.count(); i = end) {
            end = records.runEnd(i);
            Queue queue = (Queue) records.queue(i);
            Queue entered = queue == null ? find(records.record(i)) : queue;
            if (entered != null && entered.hasWaiters() && !records.is(i, RecordFacts.UNQUEUED)) {
                if (bounded) {
                    woken = entered.published(records.queueOffset(i), records.logOffset(i), woken);
                    continue;
                }
                for (int each = i; each < end; each++) {
                    woken = entered.takeWaiters(records.tagsCode(each), records.queueOffset(each), woken);
                }
            }
        }
        return woken;
    }

    private @Nullable Queue find(RecordView record) {
        return !canBe(record.queueId())
                ? null
                : find(record.bytes(), record.topicAt(), record.topicBytes(), record.queueId());
    }

    private synchronized Queue beginAgain(Queue former, long logOffset) {
        LOG.warn(
                "queue-began-again topic={} queueId={} logOffset={} former={} cause=\"the topic was deleted and made again\"",
                former.topic(),
                former.queueId(),
                logOffset,
                former.maxOffset());
        former.end(logOffset);
        ends.end(former);
        snapshotsDue = Math.max(snapshotsDue, 1);
        return replace(former.topic(), former.queueId(), nextHandle++, logOffset);
    }

    private static boolean canBe(int queueId) {
        return queueId >= 0 && queueId <= MAX_QUEUE_ID;
    }

    @Nullable Queue recovered(byte[] bytes, int at, int length, int queueId, long logOffset) {
        if (!canBe(queueId) || ends.isDead(bytes, at, length, logOffset)) {
            return null;
        }
        Queue queue = find(bytes, at, length, queueId);
        if (queue == null) {
            return queue(new String(bytes, at, length, StandardCharsets.UTF_8), queueId);
        }
        return logOffset < queue.bornAt() ? null : queue;
    }

    /** {@inheritDoc} What counts is the room that tails have. */
    @Override
    public long tailEntries() {
        return tailSlots;
    }

    /** The log's beginning, as of the last {@link #retain}. */
    public long minLogOffset() {
        return minLogOffset;
    }

    /** Up to where consumers may read. */
    public ReadableEnd readable() {
        return readable;
    }

    QueueRuns runs() {
        return runs;
    }

    /** Under the append lock. */
    void becameActive(Queue queue, int slots) {
        addActive(queue);
        tailGrew(slots);
    }

    private void addActive(Queue queue) {
        if (activeCount == active.length) {
            active = Arrays.copyOf(active, activeCount * 2);
        }
        active[activeCount++] = queue;
    }

    /** Under the append lock. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time
    void tailGrew(int slots) {
        tailSlots += slots;
    }

    /**
     * {@inheritDoc}
     *
     * <p>The runs say which queue's entries they hold by its handle, and the snapshot says which handle is whose. Without the
     * snapshot that the checkpoint names the index is made anew from the whole log; where queues began and ended that the log
     * does not show any more is taken from another snapshot.
     */
    @Override
    public synchronized long recover(RecoveryPoint last) {
        boolean first = last.version() == FORMER_VERSION;
        ByteBuffer progress = last.progress();
        long number = 0;
        if (!last.isNone() && !first) {
            last.expectVersion(VERSION);
            number = progress.getLong();
        }
        List<RunFile> files = last.isNone() ? List.of() : RunFile.read(progress, RUNS);
        QueueTableSnapshot.Reader names = new QueueTableSnapshot.Reader(this::loadQueue, ends::load);
        boolean lost = snapshots.anyLost(number);
        Snapshot named = snapshots.goBackTo(number);
        Snapshot newest = named != null ? named : snapshots.newest(Long.MAX_VALUE);
        long from = 0;
        if (newest != null) {
            snapshots.read(newest, names);
            boolean current = named != null || number == 0;
            // Another one than was named may have other handles: the runs do not say for sure whose entries they hold.
            files = current ? files : List.of();
            from = current ? last.upToLogOffset() : 0;
            snapshotsDue = current && !lost ? 0 : SnapshotFiles.KEPT;
        } else {
            FormerQueueNames.read(former, names);
            boolean whole = first ? former.exists() && !former.anyDamaged() : number == 0;
            from = whole ? last.upToLogOffset() : 0;
            // Without names the runs do not say whose entries they hold.
            files = whole ? files : List.of();
            snapshotsDue = whole && !first ? 0 : SnapshotFiles.KEPT;
        }
        snapshots.reportLost(
                newest != null || last.minLogOffset() == 0
                        ? "nothing is lost: another snapshot or the log has it"
                        : "queues of which the log has no message any more begin at offset 0 again; reset the offsets of"
                                + " their groups");
        store.recover(files);
        nextHandle = Math.max(names.nextHandle(), handlesInRuns());
        takeUpRuns();
        return from;
    }

    /** {@inheritDoc} A queue of which the log has no record any more goes on where the snapshot says. */
    @Override
    public void recovered() {
        forEach(Queue::takeUpKnown);
    }

    private void loadQueue(String topic, int queueId, int handle, long bornAt, long next) {
        TopicQueues there = topics.find(topic);
        Queue former = there == null ? null : there.queue(queueId);
        if (former == null || former.handle() < handle) {
            replace(topic, queueId, handle, bornAt).knownNext(next);
        }
    }

    private int handlesInRuns() {
        int next = 0;
        for (Run run : store.runs()) {
            for (int line = 0; line < run.directoryCount(); line++) {
                next = Math.max(next, run.handle(line) + 1);
            }
        }
        return next;
    }

    void takeUpRuns() {
        @Nullable Queue[] byHandle = byHandle();
        for (Run run : store.runs()) {
            for (int line = 0; line < run.directoryCount(); line++) {
                int handle = run.handle(line);
                Queue queue = handle < byHandle.length ? byHandle[handle] : null;
                if (queue != null) {
                    queue.takeUp(run.firstOffset(line) + run.count(line));
                }
            }
        }
    }

    private synchronized @Nullable Queue[] byHandle() {
        @Nullable Queue[] byHandle = new @Nullable Queue[nextHandle];
        forEach(queue -> byHandle[queue.handle()] = queue);
        return byHandle;
    }

    @Override
    public boolean mend(LogReplay log) {
        List<RunFile> damaged = store.damaged();
        for (RunFile file : damaged) {
            QueueRebuild rebuild = new QueueRebuild(this, store, file);
            log.records(file.minLogOffset(), file.maxLogOffset() + 1, records -> {
                if (!records.is(0, RecordFacts.UNQUEUED)) {
                    rebuild.add(records.record(0), records.crc(0), records.tagsCode(0));
                }
            });
            rebuild.finish();
        }
        return !damaged.isEmpty();
    }

    @Override
    public void flush(long upToLogOffset) {
        writeTails(upToLogOffset);
        fold(upToLogOffset);
        while (merge()) {
            // Until there is nothing to merge.
        }
        writeSnapshots(upToLogOffset);
    }

    private synchronized void fold(long upTo) {
        if (ends.flush(upTo)) {
            snapshotsDue = Math.max(snapshotsDue, 1);
        }
    }

    /** Before the checkpoint whose runs have the handles. Two if one alone could not be lost any more. */
    private void writeSnapshots(long upTo) {
        int due;
        synchronized (this) {
            due = snapshotsDue;
            snapshotsDue = 0;
        }
        try {
            for (; due > 0; due--) {
                snapshots.write(upTo, this::writeSnapshot);
            }
        } finally {
            synchronized (this) {
                snapshotsDue = Math.max(snapshotsDue, due);
            }
        }
    }

    /** What is written lies in copies: whoever makes a queue does not wait for the disk. */
    private void writeSnapshot(StateVisitor into) {
        List<Queue> queues = new ArrayList<>();
        int handles;
        synchronized (this) {
            handles = nextHandle;
            forEach(queues::add);
            ends.forEachQueueSince(queues::add);
        }
        QueueTableSnapshot.Writer out = new QueueTableSnapshot.Writer(into);
        out.handles(handles);
        ends.writeFlushed(out, minLogOffset);
        queues.forEach(queue -> out.queue(queue, Math.max(queue.flushed(), queue.knownNext())));
    }

    /**
     * Hands over the table for a copy of the store whose log begins where this one does: each queue with the offset of its first
     * message that the log has.
     *
     * @param into takes the entries of a snapshot
     */
    public void copy(StateVisitor into) {
        QueueTableSnapshot.Writer out = new QueueTableSnapshot.Writer(into);
        List<Queue> queues = new ArrayList<>();
        synchronized (this) {
            out.handles(nextHandle);
            ends.write(out);
            forEach(queues::add);
        }
        queues.forEach(queue -> out.queue(queue, queue.minOffset()));
    }

    private void writeTails(long upToLogOffset) {
        Queue[] visit = takeActive();
        long[] writtenTo = new long[visit.length];
        Arrays.setAll(writtenTo, i -> visit[i].flushed());
        try {
            try (RunWriter out = store.newRun()) {
                long[] cut = new long[visit.length];
                for (int i = 0; i < visit.length; i++) {
                    cut[i] = visit[i].writeTail(out, upToLogOffset);
                }
                if (out.entries() > 0) {
                    store.append(out.finish());
                    System.arraycopy(cut, 0, writtenTo, 0, cut.length);
                }
            }
        } finally {
            trim(visit, writtenTo, upToLogOffset);
        }
    }

    private Queue[] takeActive() {
        Queue[] visit;
        appendLock.lock();
        try {
            visit = Arrays.copyOf(active, activeCount);
            active = new Queue[16];
            activeCount = 0;
        } finally {
            appendLock.unlock();
        }
        return byHandle(visit);
    }

    /** Sorts numbers, not queues: tens of thousands of these are not in the cache. */
    private static Queue[] byHandle(Queue[] queues) {
        long[] order = new long[queues.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = (long) queues[i].handle() << Integer.SIZE | i;
        }
        Arrays.sort(order);
        Queue[] sorted = new Queue[order.length];
        Arrays.setAll(sorted, i -> queues[(int) order[i]]);
        return sorted;
    }

    /** In small batches, so that no append waits long. */
    private void trim(Queue[] visit, long[] writtenTo, long upTo) {
        for (int from = 0; from < visit.length; from += TRIM_BATCH) {
            appendLock.lock();
            try {
                for (int i = from; i < Math.min(visit.length, from + TRIM_BATCH); i++) {
                    tailGrew(-visit[i].trim(writtenTo[i], upTo));
                    if (visit[i].hasTail()) {
                        addActive(visit[i]);
                    }
                }
            } finally {
                appendLock.unlock();
            }
        }
    }

    @Override
    public byte[] progress() {
        byte[] snapshot = ByteBuffer.allocate(Long.BYTES)
                .putLong(snapshots.newestNumber())
                .array();
        return RunFile.write(store.live(), snapshot);
    }

    boolean merge() {
        List<Run> olds = store.mergeable();
        if (olds.isEmpty()) {
            return false;
        }
        BitSet live = liveHandles();
        return store.merge(olds, out -> new QueueMerge(olds, minLogOffset, live::get, out).write());
    }

    private synchronized BitSet liveHandles() {
        BitSet live = new BitSet();
        forEach(queue -> live.set(queue.handle()));
        ends.forEachQueueSince(queue -> live.set(queue.handle()));
        return live;
    }

    /** Where queues go on that have no entries in later runs is in the snapshot before the files of these are deleted. */
    @Override
    public void retain(long minLogOffset) {
        this.minLogOffset = minLogOffset;
        if (Arrays.stream(store.runs()).anyMatch(run -> run.file().maxLogOffset() < minLogOffset)) {
            synchronized (this) {
                snapshotsDue = SnapshotFiles.KEPT;
            }
            store.dropBelow(minLogOffset);
        }
    }

    @Override
    public void deleteRetired() {
        store.deleteRetired();
        if (former.exists()) {
            former.delete();
            LOG.info("queue-table-migrated queues={} from=\"version 0.1.0\"", nextHandle);
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
