package org.merlinmq.storage.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.disk.Damage;
import org.merlinmq.storage.disk.Disk;
import org.merlinmq.storage.disk.DiskException;
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
import org.merlinmq.storage.state.StateLog;
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
    private static final int VERSION = 1;

    /** A record that claims to be so far ahead in its queue has a damaged queue offset. */
    private static final long MAX_MISSING = 1 << 20;

    /** Queues trimmed under one hold of the append lock. */
    private static final int TRIM_BATCH = 256;

    /** Outdated records that the table's own log may have, besides as many as there are queues. */
    private static final int MAX_OUTDATED = 10_000;

    /** What the files of the journal of queue names begin with. */
    public static final String NAMES = "queues";

    private final Lock appendLock;
    private final TopicMap topics = new TopicMap();
    private final StateLog names;
    private final RunStore store;
    private final QueueRuns runs;
    private volatile long minLogOffset;
    private int nextHandle;

    /** Appends to the journal that a full disk did not take while the store was opened. Guarded by this. */
    private final ArrayDeque<Runnable> unwritten = new ArrayDeque<>();

    private int outdated;

    /** Per deleted topic the log's end at that time. */
    private final Map<String, Long> deletedBelow = new ConcurrentHashMap<>();

    /** Queues with entries in their tail, in no order. Guarded by the append lock. */
    private Queue[] active = new Queue[16];

    private int activeCount;
    private volatile long tailSlots;

    private QueueTable(StateLog names, RunStore store, Lock appendLock) {
        this.names = names;
        this.store = store;
        this.appendLock = appendLock;
        runs = new QueueRuns(store);
    }

    /**
     * Opens the table of a store or begins one: all queues are known then, without their entries.
     *
     * @param disk holds the files
     * @param folder of the table and the queue runs; made if missing
     * @param appendLock the log's append lock
     * @param damages told of each damage
     * @return the table
     */
    public static QueueTable open(Disk disk, Path folder, Lock appendLock, Consumer<Damage> damages) {
        StateLog names = StateLog.open(disk, folder, NAMES, damages);
        QueueTable table = new QueueTable(names, new RunStore(disk, folder, RUNS, damages), appendLock);
        table.replayNames();
        return table;
    }

    private synchronized void replayNames() {
        List<@Nullable Queue> byHandle = new ArrayList<>();
        names.replay((type, record) -> apply(type, record, byHandle));
    }

    private void apply(int type, byte[] record, List<@Nullable Queue> byHandle) {
        ByteBuffer in = ByteBuffer.wrap(record);
        switch (type) {
            case QueueRecords.CREATE -> {
                int handle = in.getInt();
                put(byHandle, handle, add(QueueRecords.topic(record), in.getInt(), handle));
            }
            case QueueRecords.AGAIN -> {
                int handle = in.getInt();
                put(byHandle, handle, replace(QueueRecords.topicAgain(record), in.getInt(), handle, in.getLong()));
            }
            case QueueRecords.DELETE -> {
                outdated++;
                String topic = QueueRecords.topic(record);
                deletedBelow.put(topic, in.getLong());
                remove(topic);
            }
            case QueueRecords.NEXT -> {
                outdated++;
                int handle = in.getInt();
                Queue queue = handle < byHandle.size() ? byHandle.get(handle) : null;
                if (queue != null) {
                    queue.takeUp(in.getLong());
                }
            }
            case QueueRecords.HANDLES -> nextHandle = Math.max(nextHandle, in.getInt());
            default ->
                throw new IllegalStateException("queue table: record type " + type
                        + " is unknown: the store was written by a newer version; start that one");
        }
    }

    private void put(List<@Nullable Queue> byHandle, int handle, Queue queue) {
        nextHandle = Math.max(nextHandle, handle + 1);
        while (byHandle.size() <= handle) {
            byHandle.add(null);
        }
        byHandle.set(handle, queue);
    }

    private Queue add(String name, int queueId, int handle) {
        Queue there = find(name, queueId);
        return there != null ? there : replace(name, queueId, handle, 0);
    }

    private Queue replace(String name, int queueId, int handle, long bornAt) {
        TopicQueues topic = topics.find(name);
        TopicQueues owner = topic == null ? topics.add(name) : topic;
        Queue former = owner.queue(queueId);
        if (former != null) {
            former.retire();
            outdated++;
        }
        Queue queue = new Queue(this, owner, queueId, handle, bornAt);
        owner.add(queue);
        return queue;
    }

    private void remove(String name) {
        TopicQueues topic = topics.find(name);
        if (topic != null) {
            topics.remove(topic);
        }
    }

    /**
     * Finds or makes a queue. A new one is on file, in the page cache, when this returns.
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
        Queue there = find(name, queueId);
        if (there != null) {
            return there;
        }
        write(QueueRecords.CREATE, QueueRecords.create(nextHandle, queueId, name.getBytes(StandardCharsets.UTF_8)));
        return add(name, queueId, nextHandle++);
    }

    private synchronized Queue makeRecovered(String name, int queueId) {
        writeSoon(QueueRecords.CREATE, QueueRecords.create(nextHandle, queueId, name.getBytes(StandardCharsets.UTF_8)));
        return add(name, queueId, nextHandle++);
    }

    /** Appends to the journal, behind what a full disk did not take yet. */
    private synchronized void write(int type, byte[] record) {
        writeLeft();
        names.append(type, record);
    }

    /** The same for what the log holds already, which nobody can refuse: a full disk takes it later. */
    private synchronized void writeSoon(int type, byte[] record) {
        try {
            write(type, record);
        } catch (DiskException e) {
            if (!e.full()) {
                throw e;
            }
            unwritten.add(() -> names.append(type, record));
        }
    }

    private synchronized void writeLeft() {
        while (!unwritten.isEmpty()) {
            unwritten.getFirst().run();
            unwritten.removeFirst();
        }
    }

    /** Before anything that names queues by their handles becomes durable. */
    private void syncNames() {
        writeLeft();
        names.sync();
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
     * Deletes a topic's queues, durably. A topic of that name made later starts at 0, and records of the old one do not
     * come back at recovery. Parked pulls stay parked until their time is over.
     *
     * <p>Threading: takes the append lock.
     *
     * <p>Errors: if the journal does not take it, as on a full disk, all queues stay as they are. If only the sync fails they
     * are deleted, until a loss of power.
     *
     * @param topic the topic's name; unknown is no error
     * @param logEnd the log's end with all that is reserved, asked under the append lock
     */
    public synchronized void deleteTopic(String topic, LongSupplier logEnd) {
        TopicQueues found = topics.find(topic);
        if (found == null) {
            return;
        }
        appendLock.lock();
        try {
            long end = logEnd.getAsLong();
            write(QueueRecords.DELETE, QueueRecords.delete(end, topic));
            for (int id = 0; id < found.limit(); id++) {
                Queue queue = found.queue(id);
                if (queue != null) {
                    queue.retire();
                    outdated++;
                }
            }
            deletedBelow.put(topic, end);
        } finally {
            appendLock.unlock();
        }
        outdated++;
        topics.remove(found);
        names.sync();
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
        for (int i = 0; i < records.count(); i++) {
            RecordQueue numbered = records.queue(i);
            if (records.is(i, RecordFacts.UNQUEUED)) {
                continue;
            }
            if (numbered != null) {
                ((Queue) numbered)
                        .publish(
                                records.queueOffset(i),
                                records.logOffset(i),
                                records.recordBytes(i),
                                records.crc(i),
                                records.tagsCode(i));
            } else {
                enter(records, i);
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
        for (int i = 0; i < records.count(); i++) {
            Queue queue = (Queue) records.queue(i);
            Queue entered = queue == null ? find(records.record(i)) : queue;
            if (entered != null && !records.is(i, RecordFacts.UNQUEUED)) {
                woken = entered.takeWaiters(records.tagsCode(i), records.queueOffset(i), woken);
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
        writeSoon(
                QueueRecords.AGAIN,
                QueueRecords.again(
                        nextHandle, former.queueId(), logOffset, former.topic().getBytes(StandardCharsets.UTF_8)));
        return replace(former.topic(), former.queueId(), nextHandle++, logOffset);
    }

    private static boolean canBe(int queueId) {
        return queueId >= 0 && queueId <= MAX_QUEUE_ID;
    }

    @Nullable Queue recovered(byte[] bytes, int at, int length, int queueId, long logOffset) {
        if (!canBe(queueId)) {
            return null;
        }
        if (!deletedBelow.isEmpty()) {
            Long end = deletedBelow.get(new String(bytes, at, length, StandardCharsets.UTF_8));
            if (end != null && logOffset < end) {
                return null;
            }
        }
        Queue queue = find(bytes, at, length, queueId);
        if (queue == null) {
            return makeRecovered(new String(bytes, at, length, StandardCharsets.UTF_8), queueId);
        }
        return logOffset < queue.bornAt() ? null : queue;
    }

    /** {@inheritDoc} What counts is the room that tails have. */
    @Override
    public long tailEntries() {
        return tailSlots;
    }

    /**
     * The log's beginning, as told last.
     *
     * @return a log offset
     */
    public long minLogOffset() {
        return minLogOffset;
    }

    QueueRuns runs() {
        return runs;
    }

    void startsAt(Queue queue, long queueOffset) {
        write(QueueRecords.NEXT, QueueRecords.next(queue.handle(), queueOffset));
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

    @Override
    public long recover(RecoveryPoint last) {
        if (last.isNone()) {
            store.recover(List.of());
        } else {
            last.expectVersion(VERSION);
            store.recover(RunFile.read(last.progress(), RUNS));
        }
        takeUpRuns();
        return last.upToLogOffset();
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
        while (merge()) {
            // Until there is nothing to merge.
        }
    }

    private void writeTails(long upToLogOffset) {
        Queue[] visit = takeActive();
        long[] writtenTo = new long[visit.length];
        Arrays.setAll(writtenTo, i -> visit[i].flushed());
        try {
            syncNames();
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
            trim(visit, writtenTo);
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
        Arrays.sort(visit, Comparator.comparingInt(Queue::handle));
        return visit;
    }

    /** In small batches, so that no append waits long. */
    private void trim(Queue[] visit, long[] writtenTo) {
        for (int from = 0; from < visit.length; from += TRIM_BATCH) {
            appendLock.lock();
            try {
                for (int i = from; i < Math.min(visit.length, from + TRIM_BATCH); i++) {
                    tailGrew(-visit[i].trim(writtenTo[i]));
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
        return RunFile.write(store.live());
    }

    boolean merge() {
        List<Run> olds = store.mergeable();
        if (olds.isEmpty()) {
            return false;
        }
        BitSet live = new BitSet();
        forEach(queue -> live.set(queue.handle()));
        return store.merge(olds, out -> new QueueMerge(olds, minLogOffset, live::get, out).write());
    }

    @Override
    public void retain(long minLogOffset) {
        this.minLogOffset = minLogOffset;
        List<Run> gone = Arrays.stream(store.runs())
                .filter(run -> run.file().maxLogOffset() < minLogOffset)
                .toList();
        if (!gone.isEmpty()) {
            @Nullable Queue[] byHandle = byHandle();
            gone.forEach(run -> rememberEnds(run, byHandle));
            syncNames();
            store.dropBelow(minLogOffset);
        }
        compactNames();
    }

    /** Keeps on file where those queues go on that have no entries in later runs. */
    private void rememberEnds(Run run, @Nullable Queue[] byHandle) {
        for (int line = 0; line < run.directoryCount(); line++) {
            Queue queue = run.handle(line) < byHandle.length ? byHandle[run.handle(line)] : null;
            long next = run.firstOffset(line) + run.count(line);
            if (queue != null && queue.flushed() == next) {
                write(QueueRecords.NEXT, QueueRecords.next(queue.handle(), next));
                outdated++;
            }
        }
    }

    /** Under the table's lock: a queue made meanwhile would be in the old journal and not in the snapshot. */
    private synchronized void compactNames() {
        if (outdated < MAX_OUTDATED || outdated < nextHandle) {
            return;
        }
        deletedBelow.values().removeIf(end -> end <= minLogOffset);
        BitSet inRuns = new BitSet();
        for (Run run : store.runs()) {
            for (int line = 0; line < run.directoryCount(); line++) {
                inRuns.set(run.handle(line));
            }
        }
        names.snapshot(out -> {
            out.put(QueueRecords.HANDLES, QueueRecords.handles(nextHandle));
            deletedBelow.forEach((topic, end) -> out.put(QueueRecords.DELETE, QueueRecords.delete(end, topic)));
            forEach(queue -> {
                putName(queue, out);
                // Not for the others: their newest run may be in no checkpoint yet, and recovery then has to find
                // its entries again in the log.
                if (queue.flushed() > 0 && !inRuns.get(queue.handle())) {
                    out.put(QueueRecords.NEXT, QueueRecords.next(queue.handle(), queue.flushed()));
                }
            });
        });
        outdated = 0;
    }

    private static void putName(Queue queue, StateLog.StateSink out) {
        byte[] topic = queue.topic().getBytes(StandardCharsets.UTF_8);
        if (queue.bornAt() == 0) {
            out.put(QueueRecords.CREATE, QueueRecords.create(queue.handle(), queue.queueId(), topic));
        } else {
            out.put(QueueRecords.AGAIN, QueueRecords.again(queue.handle(), queue.queueId(), queue.bornAt(), topic));
        }
    }

    @Override
    public void deleteRetired() {
        store.deleteRetired();
    }

    @Override
    public void close() {
        store.close();
        names.close();
    }
}
