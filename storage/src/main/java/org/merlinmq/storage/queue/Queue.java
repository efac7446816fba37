package org.merlinmq.storage.queue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.index.PublishedRecords;
import org.merlinmq.storage.index.RecordQueue;
import org.merlinmq.storage.index.Wakeup;
import org.merlinmq.storage.run.RunWriter;

/**
 * One queue of one topic: the order of its messages, from the oldest that the log still has to the newest.
 *
 * <p>The newest entries are in memory, in chunks as large as what comes between two flushes; the others are in sorted runs shared
 * by all queues. A queue that is idle holds no chunk.
 *
 * <p>Threading: {@code reserve}, {@code publish}, {@code recover}, {@code startAt} and {@code takeWaiters} under the
 * log's append lock; all else on any thread, without a lock.
 *
 * <p>Units: a {@code queueOffset} counts messages since the queue was made; a {@code logOffset} counts bytes.
 */
public final class Queue implements RecordQueue {

    /** The largest hole in a queue that recovery fills with entries of size 0. */
    static final long MAX_HOLE = 1 << 20;

    private static final long[] NOTHING = {};

    private static final VarHandle MAX;
    private static final VarHandle APPENDED_BYTES;

    static {
        try {
            MAX = MethodHandles.lookup().findVarHandle(Queue.class, "max", long.class);
            APPENDED_BYTES = MethodHandles.lookup().findVarHandle(Queue.class, "appendedBytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final QueueTable table;
    private final TopicQueues topic;
    private final long bornAt;
    private long knownNext;

    private long min;
    private volatile long minValidTo = -1;

    /** The first entry that is in no run yet. Written by the flushing thread. */
    private long flushed;

    /** Where it stood when the store was opened: all that came later was appended. */
    private volatile long appendedFrom;

    // What an append uses, side by side: Java lays fields out by their size, and in this order.

    @SuppressWarnings("unused") // through APPENDED_BYTES
    private long appendedBytes;

    private long reserved;

    @SuppressWarnings("unused") // through MAX
    private long max;

    /** The newest chunk's entries, of this many slots from this queue offset on: what the next append writes to. */
    private long openFirst;

    private int openSlots;

    /** How many entries the last flush wrote, as far as chunks count; 0 once the queue is idle. */
    private int flushedLast;

    private long[] open = NOTHING;
    /** Null until somebody waits for the first time. */
    private volatile @Nullable QueueWaiters waiters;

    /** Where the topic's life ended: the record that says so begins here. {@link Long#MAX_VALUE} while it lives. */
    private volatile long endsAt = Long.MAX_VALUE;

    private final int queueId;
    private final int handle;
    private volatile TailChunk @Nullable [] chunks;

    /** Up to here all may be read, in a bounded store: only a shortcut, which any thread may write and which may be behind. */
    private long readable;

    /** Only a shortcut: any thread may write it, the last one wins. */
    private QueueRuns.Stretch lastRead = QueueRuns.Stretch.NONE;

    Queue(QueueTable table, TopicQueues topic, int queueId, int handle, long bornAt) {
        this.table = table;
        this.topic = topic;
        this.queueId = queueId;
        this.handle = handle;
        this.bornAt = bornAt;
    }

    /** The topic's name, one string shared by all queues of the topic. */
    @Override
    public String topic() {
        return topic.name;
    }

    /** The number of the queue in its topic, from 0. */
    public int queueId() {
        return queueId;
    }

    /**
     * The small number that stands for this queue in the store's files. Never used again for another queue.
     *
     * @return the number, from 0
     */
    public int handle() {
        return handle;
    }

    /**
     * Whether the topic was deleted: nothing more can be reserved, and a new queue may have taken its place.
     *
     * @return true once deleted
     */
    public boolean isRetired() {
        return endsAt != Long.MAX_VALUE;
    }

    /**
     * The offset that the next message will have: what numbers, indexes and checkpoints go by. What consumers may have ends at
     * {@link #readableOffset}.
     */
    public long maxOffset() {
        return (long) MAX.getAcquire(this);
    }

    /**
     * Behind the last message that consumers may have; where they go by the queue's end, it is this one. In a store without a
     * bound it is {@link #maxOffset}, else never below {@link #minOffset}. Does not go back while the store is open.
     *
     * @return the offset
     */
    public long readableOffset() {
        return readableOffset(table.readable().logOffset());
    }

    /** What may be read if the readable end is there. */
    long readableOffset(long end) {
        long max = maxOffset();
        return end == ReadableEnd.UNBOUNDED || max == readable ? max : readableOffset(end, max);
    }

    /** The newest entries are looked at first: few lie beyond the end, unless no other broker is there to confirm them. */
    private long readableOffset(long end, long max) {
        long low = Math.max(readable, minOffset());
        long high = max;
        for (long step = 1; low < high; step *= 2) {
            long at = Math.max(low, high - step);
            if (isBelow(end, at)) {
                low = at + 1;
                break;
            }
            high = at;
        }
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (isBelow(end, middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        readable = low;
        return low;
    }

    private boolean isBelow(long end, long queueOffset) {
        long logOffset = logOffsetAt(queueOffset);
        return logOffset >= 0 && logOffset < end;
    }

    ReadableEnd readableEnd() {
        return table.readable();
    }

    /** How many messages were appended since the store was opened. */
    public long appendedMessages() {
        return Math.max(0, maxOffset() - appendedFrom);
    }

    /** The bytes of the records of {@link #appendedMessages()}. */
    public long appendedBytes() {
        return (long) APPENDED_BYTES.getOpaque(this);
    }

    /**
     * The oldest message whose record the log still has; {@link #maxOffset()} if it has none.
     *
     * @return the offset
     */
    public long minOffset() {
        long validTo = minValidTo;
        return validTo >= table.minLogOffset() ? min : findMin();
    }

    private synchronized long findMin() {
        long logMin = table.minLogOffset();
        if (minValidTo < logMin) {
            long end = maxOffset();
            long at = firstAtOrAbove(logMin, end);
            long logOffset = at < end ? logOffsetAt(at) : logMin;
            min = Math.max(min, at);
            minValidTo = Math.max(logMin, logOffset);
        }
        return min;
    }

    /** Finds the first entry whose record begins at or above the offset; {@code end} if there is none. */
    private long firstAtOrAbove(long logOffset, long end) {
        // The tail before the runs: what leaves the tail meanwhile is in a run already, and still in what was taken
        // here.
        TailChunk[] now = chunks;
        long at = table.runs().firstAtOrAbove(this, logOffset);
        if (at >= 0) {
            return at;
        }
        return now == null ? end : Math.min(end, tailFirstAtOrAbove(now, logOffset, end));
    }

    private static long tailFirstAtOrAbove(TailChunk[] chunks, long logOffset, long end) {
        long low = chunks[0].first;
        long high = end;
        while (low < high) {
            long mid = (low + high) >>> 1;
            if (chunks[find(chunks, mid)].logOffset(mid) < logOffset) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        return low;
    }

    /** Where an entry's record begins; -1 if the entry is gone, or damaged. */
    long logOffsetAt(long queueOffset) {
        TailChunk[] now = chunks;
        if (now != null && queueOffset >= now[0].first) {
            return now[find(now, queueOffset)].logOffset(queueOffset);
        }
        EntrySlice one = new EntrySlice(1);
        return readFrom(queueOffset, 1, one) == 1 ? one.logOffset[0] : -1;
    }

    @Override
    public long reserve(int count) {
        if (endsAt != Long.MAX_VALUE) {
            return -1;
        }
        long first = reserved;
        reserved = first + count;
        return first;
    }

    @Override
    public long touch() {
        long[] entries = open;
        long at = (reserved - openFirst) * TailChunk.LONGS;
        return at >= 0 && at < entries.length ? entries[(int) at] : endsAt;
    }

    @Override
    public void unreserve(long queueOffset) {
        assert queueOffset >= (long) MAX.get(this) && queueOffset <= reserved;
        reserved = queueOffset;
    }

    /**
     * Makes a reserved entry visible to readers. Entries are published in the order of their offsets.
     *
     * <p>Threading: under the append lock.
     *
     * @param queueOffset the entry's number, equal to {@link #maxOffset()}
     * @param logOffset where the record begins
     * @param size bytes of the record
     * @param crc32c CRC32C of the whole record as written
     * @param tagsCode hash of the tag
     */
    public void publish(long queueOffset, long logOffset, int size, int crc32c, long tagsCode) {
        APPENDED_BYTES.setOpaque(this, (long) APPENDED_BYTES.get(this) + size);
        enter(queueOffset, logOffset, size, crc32c, tagsCode);
    }

    /**
     * Makes the reserved entries of several records visible together. They come one behind another, the first at
     * {@link #maxOffset()}.
     *
     * @param records holds them
     * @param from the first row
     * @param end behind the last row
     */
    void publish(PublishedRecords records, int from, int end) {
        assert records.queueOffset(from) == (long) MAX.get(this) : topic.name + ' ' + queueId;
        long bytes = 0;
        for (int i = from; i < end; i++) {
            int size = records.recordBytes(i);
            put(records.queueOffset(i), records.logOffset(i), size, records.crc(i), records.tagsCode(i));
            bytes += size;
        }
        APPENDED_BYTES.setOpaque(this, (long) APPENDED_BYTES.get(this) + bytes);
        MAX.setRelease(this, records.queueOffset(end - 1) + 1);
    }

    private void enter(long queueOffset, long logOffset, int size, int crc32c, long tagsCode) {
        assert queueOffset == (long) MAX.get(this) : topic.name + ' ' + queueId + ": " + queueOffset;
        put(queueOffset, logOffset, size, crc32c, tagsCode);
        MAX.setRelease(this, queueOffset + 1);
    }

    private void put(long queueOffset, long logOffset, int size, int crc32c, long tagsCode) {
        assert queueOffset < reserved;
        if (queueOffset - openFirst >= openSlots) {
            grow(queueOffset);
        }
        TailChunk.put(open, (int) (queueOffset - openFirst), logOffset, size, crc32c, tagsCode);
    }

    /**
     * Adds a chunk for as many entries as came between the last two flushes, or since, whichever is more: a queue of many has
     * one for what comes until the next flush, and a busy one soon has large ones.
     */
    private void grow(long queueOffset) {
        TailChunk[] now = chunks;
        int count = now == null ? 0 : now.length;
        long since = Math.max(flushedLast, queueOffset - flushed);
        int capacity = Math.clamp(since, TailChunk.FIRST_CAPACITY, TailChunk.MAX_CAPACITY);
        TailChunk chunk = new TailChunk(queueOffset, capacity);
        TailChunk[] more = now == null ? new TailChunk[1] : Arrays.copyOf(now, count + 1);
        more[count] = chunk;
        chunks = more;
        open = chunk.entries;
        openFirst = queueOffset;
        openSlots = capacity;
        if (now == null) {
            table.becameActive(this, capacity);
        } else {
            table.tailGrew(capacity);
        }
    }

    /** Records of the topic and queue that begin below this log offset are of a former queue of that name. */
    long bornAt() {
        return bornAt;
    }

    /** Whether it has a newest message, and that lies below a log offset. Under the append lock. */
    boolean endsBelow(long logOffset) {
        long last = maxOffset() - 1;
        long lastLogOffset = last < minOffset() ? -1 : logOffsetAt(last);
        return lastLogOffset >= 0 && lastLogOffset < logOffset;
    }

    /**
     * Publishes what recovery found in the log, unless the queue has it already. A hole that damage left is filled
     * with entries of size 0, so that offsets stay what they were.
     *
     * <p>Threading: under the append lock.
     *
     * @param queueOffset the entry's number as it stands in the record
     * @param logOffset where the record begins
     * @param size bytes of the record
     * @param crc32c CRC32C of the record
     * @param tagsCode hash of the tag
     * @return whether it was new
     */
    public boolean recover(long queueOffset, long logOffset, int size, int crc32c, long tagsCode) {
        long next = (long) MAX.get(this);
        if (queueOffset < next || isRetired()) {
            return false;
        }
        if (next == 0 && queueOffset > 0 && isEmpty()) {
            beginAt(queueOffset);
        } else if (queueOffset - next > MAX_HOLE) {
            throw new IllegalStateException("queue " + topic.name + ' ' + queueId + ": expected message " + next
                    + " but the record at log offset " + logOffset + " says " + queueOffset
                    + "; the log is damaged before it: restore it from a replica");
        }
        for (long hole = (long) MAX.get(this); hole < queueOffset; hole++) {
            reserve(1);
            enter(hole, logOffset, 0, 0, 0);
        }
        reserve(1);
        enter(queueOffset, logOffset, size, crc32c, tagsCode);
        appendedFrom = queueOffset + 1;
        return true;
    }

    private boolean isEmpty() {
        return chunks == null && min == maxOffset();
    }

    private void beginAt(long queueOffset) {
        if (chunks != null || queueOffset < reserved) {
            throw new IllegalStateException("queue " + topic.name + ' ' + queueId + " has messages up to " + reserved
                    + " and cannot start at " + queueOffset);
        }
        synchronized (this) {
            min = queueOffset;
            minValidTo = -1;
            flushed = queueOffset;
            reserved = queueOffset;
            appendedFrom = queueOffset;
            MAX.setRelease(this, queueOffset);
        }
    }

    /**
     * Copies entries that consumers may have.
     *
     * @param queueOffset the first wanted
     * @param maxEntries the most wanted; the slice's capacity bounds it too
     * @param into filled from its beginning
     * @return how many were copied: 0 below {@link #minOffset()}, at {@link #readableOffset()} and above, and for entries
     *     whose index block is damaged and being rebuilt
     */
    public int read(long queueOffset, int maxEntries, EntrySlice into) {
        return read(queueOffset, readableOffset(), maxEntries, into);
    }

    /**
     * Copies entries, also those that consumers may not have yet: for what the broker itself does with messages that it knows.
     *
     * @param queueOffset the first wanted
     * @param maxEntries the most wanted; the slice's capacity bounds it too
     * @param into filled from its beginning
     * @return as {@link #read}, but up to {@link #maxOffset()}
     */
    public int readStored(long queueOffset, int maxEntries, EntrySlice into) {
        return read(queueOffset, maxOffset(), maxEntries, into);
    }

    private int read(long queueOffset, long end, int maxEntries, EntrySlice into) {
        into.count = 0;
        if (queueOffset >= end || queueOffset < minOffset()) {
            return 0;
        }
        int wanted = (int) Math.min(Math.min(maxEntries, into.capacity()), end - queueOffset);
        return readFrom(queueOffset, wanted, into);
    }

    private int readFrom(long queueOffset, int wanted, EntrySlice into) {
        long at = queueOffset;
        while (into.count < wanted) {
            int before = into.count;
            TailChunk[] now = chunks;
            if (now != null && at >= now[0].first) {
                TailChunk chunk = now[find(now, at)];
                chunk.copy(at, (int) Math.min(wanted - before, chunk.limit() - at), into);
            } else {
                table.runs().read(this, at, wanted - before, into);
            }
            if (into.count == before) {
                break;
            }
            at += into.count - before;
        }
        return into.count;
    }

    private static int find(TailChunk[] chunks, long queueOffset) {
        int high = chunks.length - 1;
        if (queueOffset >= chunks[high].first) {
            return high;
        }
        int low = 0;
        while (low < high) {
            int mid = (low + high + 1) >>> 1;
            if (chunks[mid].first <= queueOffset) {
                low = mid;
            } else {
                high = mid - 1;
            }
        }
        return low;
    }

    /**
     * Parks a waiter until the queue has an entry at the offset or above that it wants and may read.
     *
     * @param waiter called once when it has
     * @param queueOffset the entry waited for
     * @return its place, to {@link #cancel} it; null, and not parked, if the queue has the entry already, and it may be read
     */
    public @Nullable Parked await(QueueWaiter waiter, long queueOffset) {
        QueueWaiters now = waiters;
        return (now == null ? makeWaiters() : now).await(waiter, queueOffset);
    }

    /** Parks a waiter again that an append has taken; false if the queue has the entry already. */
    boolean awaitAgain(Parked parked, long queueOffset) {
        QueueWaiters now = waiters;
        return now != null && now.awaitAgain(parked, queueOffset);
    }

    private synchronized QueueWaiters makeWaiters() {
        QueueWaiters now = waiters;
        if (now == null) {
            now = new QueueWaiters(this);
            waiters = now;
        }
        return now;
    }

    /**
     * Takes a parked waiter out again, at the same cost however many wait.
     *
     * @param parked its place, as {@link #await} gave it
     * @return whether it was still parked; if not, it was called or is about to be
     */
    public boolean cancel(Parked parked) {
        QueueWaiters now = waiters;
        return now != null && now.cancel(parked);
    }

    /** Whether anyone may wait here; to be asked after {@link VarHandle#fullFence}, as for {@link #takeWaiters}. */
    boolean hasWaiters() {
        QueueWaiters now = waiters;
        return now != null && now.any();
    }

    /**
     * Takes the waiters that want an entry, after it was published and {@link VarHandle#fullFence} was called: one fence
     * serves the entries of many queues. Costs a read and no allocation when nobody waits.
     *
     * <p>Threading: under the append lock; hand the chain to {@link Wakeup#wakeAll} after it was released.
     *
     * @param tagsCode of the entry
     * @param queueOffset of the entry
     * @param chain waiters taken before, of this and other queues
     * @return the chain with this queue's waiters in front, those first that have waited longest
     */
    public @Nullable Wakeup takeWaiters(long tagsCode, long queueOffset, @Nullable Wakeup chain) {
        QueueWaiters now = waiters;
        return now == null ? chain : now.take(tagsCode, queueOffset, chain);
    }

    /** As {@link QueueWaiters#published}, if somebody waits here. Under the append lock. */
    @Nullable Wakeup published(long queueOffset, long logOffset, @Nullable Wakeup chain) {
        QueueWaiters now = waiters;
        return now == null ? chain : now.published(queueOffset, logOffset, chain);
    }

    /** The first entry that is in no run. On the store's tail thread. */
    long flushed() {
        return flushed;
    }

    QueueRuns.Stretch lastRead() {
        return lastRead;
    }

    void remember(QueueRuns.Stretch stretch) {
        lastRead = stretch;
    }

    /** Where it goes on if nothing of it is left. At the start. */
    void knownNext(long next) {
        knownNext = next;
    }

    /** As of the snapshot that was read at the start; 0 for a queue made since. */
    long knownNext() {
        return knownNext;
    }

    /** Goes on where it was known to, unless it has entries. At the start, under the append lock. */
    void takeUpKnown() {
        if (chunks == null) {
            takeUp(knownNext);
        }
    }

    /** Takes up at the start what files say of the queue: all below the offset exists or has existed. */
    void takeUp(long next) {
        if (next > reserved) {
            flushed = next;
            reserved = next;
            appendedFrom = next;
            MAX.setRelease(this, next);
        }
    }

    /**
     * Writes the entries that are in no run yet and whose records begin below an offset. On the store's tail thread.
     *
     * @return the first entry not written
     */
    long writeTail(RunWriter out, long upToLogOffset) {
        // Before the chunks: these may grow meanwhile, and have all below what was the end.
        long max = maxOffset();
        TailChunk[] now = chunks;
        if (now == null || endsBelowOffset(upToLogOffset)) {
            return flushed;
        }
        long end = tailFirstAtOrAbove(now, upToLogOffset, max);
        long from = Math.max(flushed, now[0].first);
        if (end <= from) {
            return flushed;
        }
        TailChunk chunk = now[find(now, from)];
        for (long at = from; at < end; at++) {
            if (at >= chunk.limit()) {
                chunk = now[find(now, at)];
            }
            out.queueEntry(chunk.logOffset(at), chunk.sizeAndCrc(at), chunk.tagsCode(at));
        }
        out.directory(handle, from, (int) (end - from), chunk.logOffset(end - 1));
        return end;
    }

    /**
     * Lets go of the chunks whose entries are all in runs, or dead as of a log offset. On the store's tail thread, under the append lock.
     *
     * @return slots freed
     */
    int trim(long writtenTo, long upToLogOffset) {
        flushedLast = (int) Math.min(writtenTo - flushed, TailChunk.MAX_CAPACITY);
        flushed = writtenTo;
        TailChunk[] now = chunks;
        if (now == null) {
            return 0;
        }
        boolean all = endsBelowOffset(upToLogOffset) || writtenTo == (long) MAX.get(this);
        int gone = 0;
        int slots = 0;
        while (gone < now.length && (all || now[gone].limit() <= writtenTo)) {
            slots += now[gone++].capacity();
        }
        if (gone == now.length) {
            chunks = null;
            open = NOTHING;
            openSlots = 0;
            flushedLast = 0;
        } else if (gone > 0) {
            chunks = Arrays.copyOfRange(now, gone, now.length);
        }
        return slots;
    }

    boolean hasTail() {
        return chunks != null;
    }

    /** Takes no more reservations. Under the append lock, or before others know the queue. */
    void end(long logOffset) {
        endsAt = Math.min(endsAt, logOffset);
    }

    /** Whether it had ended as of a log offset: all its entries are dead then. */
    boolean endsBelowOffset(long logOffset) {
        return endsAt < logOffset;
    }
}
