package org.merlinmq.storage.transaction;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.index.LogIndex;
import org.merlinmq.storage.index.PublishedRecords;
import org.merlinmq.storage.index.Wakeup;
import org.merlinmq.storage.state.SnapshotFiles;
import org.merlinmq.storage.state.SnapshotFiles.Snapshot;
import org.merlinmq.storage.state.StateVisitor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which half messages are open, and when each is to be checked.
 *
 * <p>A half message is closed by a later record: the committed message, which names it in its {@code
 * preparedTransactionOffset}, a record in {@code RMQ_SYS_TRANS_OP_HALF_TOPIC} that lists its queue offset, or the one that
 * gives it up. So a transaction ends with one append, and a crash finds it open or ended.
 *
 * <p>How: a row for each half message, in chunks in the order of the log. No object is kept for one. A decided one keeps its
 * row until a flush has passed what decided it, so that a snapshot is exactly the state as of its log offset. A large snapshot
 * is not written at each checkpoint but when the log has grown by {@link #GROWTH_PER_BYTE} times its size; recovery reads the
 * log again from there.
 *
 * <p>Threading: what belongs to {@link LogIndex} as that says; all else on any thread. A lock of its own, taken after the
 * append lock and never held over a file, guards all rows.
 *
 * <p>Limits: the broker refuses half messages above a number of open ones; see {@link #count}.
 *
 * <p>Format: docs/formats/transactions.md.
 */
public final class TransactionIndex implements LogIndex {
    /** The name that the files of the snapshots begin with. */
    public static final String FILES = "transactions";

    /** How a half message stands. */
    public enum Standing {
        /** It is open. */
        OPEN,
        /** Somebody is about to store a decision. */
        CLAIMED,
        /** It was decided or given up a moment ago. */
        DECIDED,
        /** No open half message has this place, and none was closed just now. */
        UNKNOWN
    }

    private static final Logger LOG = LoggerFactory.getLogger(TransactionIndex.class);
    private static final int VERSION = 1;
    private static final int ROW_BYTES = 48;
    private static final int ROWS_PER_ENTRY = 1024;

    /** A snapshot up to this size is written whenever something has changed. */
    private static final long SMALL_BYTES = 1 << 20;

    private static final long GROWTH_PER_BYTE = 4;

    private static final int CHECKED_HEAD_BYTES = 8;
    private static final int CHECKED_ROW_BYTES = 12;

    private static final byte[] FIRST_LOG = Bytes.ascii(PropertyName.FIRST_HALF_LOG_OFFSET);
    private static final byte[] FIRST_QUEUE = Bytes.ascii(PropertyName.TRAN_PREPARED_QUEUE_OFFSET);
    private static final byte[] CHECK_TIMES = Bytes.ascii(PropertyName.TRANSACTION_CHECK_TIMES);

    private final SnapshotFiles snapshots;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private List<HalfChunk> chunks = new ArrayList<>();
    private @Nullable HalfChunk found;
    private int foundRow;
    private long decidedRows;
    private long announced = Long.MAX_VALUE;
    private @Nullable Runnable earlier;
    private boolean wakeWanted;

    private long open;

    /** The log offset of the first change that no snapshot has. */
    private long firstChange = Long.MAX_VALUE;

    private long lastChange = -1;

    /** {@link #open} as it was when the lock was last given back. */
    private volatile long openCount;

    // Of the tail thread.
    private long snapshotLogOffset;
    private long exactUpTo;
    private long flushedUpTo;
    private int snapshotsDue;

    /** Where the log begins, until all that it has was applied: a row below may still be found to have been moved. */
    private long recoveredFrom;

    private boolean recovering = true;

    private TransactionIndex(SnapshotFiles snapshots) {
        this.snapshots = snapshots;
    }

    /**
     * Opens the index; {@link #recover} comes next.
     *
     * @param disk holds the snapshots
     * @param folder of the snapshots; made if missing
     * @param damages called with each damage
     * @return the index
     */
    public static TransactionIndex open(Disk disk, Path folder, Consumer<Damage> damages) {
        return new TransactionIndex(new SnapshotFiles(disk, folder, FILES, SnapshotFiles.TRANSACTIONS, damages));
    }

    @Override
    public String name() {
        return FILES;
    }

    @Override
    public int version() {
        return VERSION;
    }

    // Records come.

    @Override
    public void apply(PublishedRecords records) {
        if (!records.has(
                RecordFacts.HALF | RecordFacts.ENDS_HALF | RecordFacts.HALVES_DECIDED | RecordFacts.HALVES_CHECKED)) {
            return;
        }
        lock.lock();
        try {
            for (int i = 0; i < records.count(); i++) {
                apply(records, i);
            }
            openCount = open;
        } finally {
            lock.unlock();
        }
    }

    private void apply(PublishedRecords records, int i) {
        long logOffset = records.logOffset(i);
        if (records.is(i, RecordFacts.HALVES_DECIDED)) {
            applyDecided(records.record(i), logOffset);
        } else if (records.is(i, RecordFacts.HALVES_CHECKED)) {
            applyChecked(records.record(i), logOffset);
        }
        long check = -1;
        if (records.is(i, RecordFacts.ENDS_HALF) && find(records.settles(i))) {
            check = close(logOffset);
        }
        if (records.is(i, RecordFacts.HALF)) {
            add(half(records, i, check));
        }
    }

    /** Closes the row that was found last; returns when it would have been checked. */
    private long close(long byLogOffset) {
        HalfChunk chunk = foundChunk();
        if (!chunk.isOpen(foundRow)) {
            return -1;
        }
        open--;
        decidedRows++;
        changedAt(byLogOffset);
        return chunk.decide(foundRow, byLogOffset);
    }

    private HalfChunk foundChunk() {
        HalfChunk chunk = found;
        if (chunk == null) {
            throw new IllegalStateException("nothing was found");
        }
        return chunk;
    }

    private static OpenHalf half(PublishedRecords records, int i, long checkOfMoved) {
        byte[] b = records.bytes();
        int at = records.recordAt(i);
        long stored = Bytes.getLong(b, at + RecordLayout.storeTimeAt(Bytes.getInt(b, at + RecordLayout.SYS_FLAG_AT)));
        long logOffset = records.logOffset(i);
        long queueOffset = records.queueOffset(i);
        long packed = records.dueMillis(i);
        long check = checkOfMoved >= 0 ? checkOfMoved : stored + (packed >>> 32);
        if (!records.is(i, RecordFacts.HALF_COPY)) {
            return new OpenHalf(logOffset, queueOffset, logOffset, queueOffset, 0, Math.max(0, check), (int) packed, 0);
        }
        RecordView record = records.record(i);
        return new OpenHalf(
                logOffset,
                queueOffset,
                number(record, FIRST_LOG, logOffset),
                number(record, FIRST_QUEUE, queueOffset),
                (int) Math.min(number(record, CHECK_TIMES, 0), Short.MAX_VALUE),
                Math.max(0, check),
                (int) packed,
                0);
    }

    private static long number(RecordView record, byte[] property, long otherwise) {
        byte[] b = record.bytes();
        int end = record.propertiesAt() + record.propertiesBytes();
        int value = PropertyBytes.find(b, record.propertiesAt(), record.propertiesBytes(), property);
        if (value < 0) {
            return otherwise;
        }
        try {
            return Bytes.parseLong(b, value, PropertyBytes.valueBytes(b, value, end));
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private void add(OpenHalf half) {
        HalfChunk last = chunks.isEmpty() ? null : chunks.getLast();
        if (last == null || last.isFull()) {
            last = new HalfChunk();
            chunks.add(last);
        }
        last.add(half);
        open++;
        changedAt(half.logOffset());
        wakeFor(half.checkMillis());
    }

    private void changedAt(long logOffset) {
        firstChange = Math.min(firstChange, logOffset);
        lastChange = Math.max(lastChange, logOffset);
    }

    /** Numbers with commas between them and perhaps behind them; RocketMQ before 4.9.5 wrote one without a comma. */
    private void applyDecided(RecordView record, long logOffset) {
        byte[] b = record.bytes();
        int end = record.bodyAt() + record.bodyBytes();
        for (int from = record.bodyAt(); from < end; ) {
            int comma = Bytes.indexOf(b, from, end, ',');
            if (comma > from && findInQueue(decimal(b, from, comma))) {
                close(logOffset);
            }
            from = comma + 1;
        }
    }

    private static long decimal(byte[] b, int from, int to) {
        try {
            return Bytes.parseLong(b, from, to - from);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private void applyChecked(RecordView record, long logOffset) {
        byte[] b = record.bytes();
        int at = record.bodyAt();
        if (record.bodyBytes() < CHECKED_HEAD_BYTES || b[at] != VERSION) {
            return;
        }
        int fitting = (record.bodyBytes() - CHECKED_HEAD_BYTES) / CHECKED_ROW_BYTES;
        int rows = Math.clamp(Bytes.getInt(b, at + 4), 0, fitting);
        for (int i = 0; i < rows; i++) {
            int row = at + CHECKED_HEAD_BYTES + i * CHECKED_ROW_BYTES;
            if (find(Bytes.getLong(b, row))) {
                foundChunk().checks(foundRow, Bytes.getInt(b, row + Long.BYTES));
                changedAt(logOffset);
            }
        }
    }

    /**
     * Writes the body of a record that counts checks.
     *
     * @param out takes it
     * @param halves the half messages that were checked once more than they say
     */
    public static void writeChecked(ByteWriter out, List<OpenHalf> halves) {
        out.putInt(VERSION << 24).putInt(halves.size());
        for (OpenHalf half : halves) {
            out.putLong(half.logOffset()).putInt(half.checks() + 1);
        }
    }

    // Rows are found, under the lock.

    /** Finds the row of a record, open or not. */
    private boolean find(long logOffset) {
        HalfChunk chunk = chunkOf(logOffset, false);
        return chunk != null && note(chunk, chunk.row(logOffset));
    }

    private boolean findInQueue(long queueOffset) {
        HalfChunk chunk = chunkOf(queueOffset, true);
        return chunk != null && note(chunk, chunk.rowInQueue(queueOffset));
    }

    private boolean note(HalfChunk chunk, int row) {
        found = chunk;
        foundRow = row;
        return row >= 0;
    }

    /** The last chunk that begins at an offset or before. */
    private @Nullable HalfChunk chunkOf(long offset, boolean inQueue) {
        int low = 0;
        int high = chunks.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            HalfChunk chunk = chunks.get(middle);
            long first = inQueue ? chunk.firstRowQueueOffset() : chunk.firstRowLogOffset();
            if (first <= offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high < 0 ? null : chunks.get(high);
    }

    /** Finds an open row by its record's place, or by that of its first record. */
    private boolean findOpen(long logOffset) {
        if (find(logOffset) && foundChunk().isOpen(foundRow)) {
            return true;
        }
        for (HalfChunk chunk : chunks) {
            if (note(chunk, chunk.rowOfMoved(logOffset))) {
                return true;
            }
        }
        return false;
    }

    // Decisions.

    /**
     * How many half messages are open.
     *
     * @return at the last append that changed it
     */
    public long count() {
        return openCount;
    }

    /**
     * Takes an open half message for itself, to store a decision. It is closed by the record that holds the decision, or given
     * back by {@link #release}.
     *
     * @param logOffset where its record begins, or where its first one did
     * @return the half message; null if it cannot be had: {@link #standing} says why
     */
    public @Nullable OpenHalf claim(long logOffset) {
        lock.lock();
        try {
            if (!findOpen(logOffset) || foundChunk().isClaimed(foundRow)) {
                return null;
            }
            foundChunk().claim(foundRow);
            return foundChunk().half(foundRow);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives a claimed half message back, whose decision was not stored.
     *
     * @param logOffset where its record begins
     */
    public void release(long logOffset) {
        lock.lock();
        try {
            if (findOpen(logOffset)) {
                foundChunk().release(foundRow);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives up a half message whose record is gone: nobody can decide it any more.
     *
     * @param logOffset where its record began
     */
    public void drop(long logOffset) {
        lock.lock();
        try {
            if (findOpen(logOffset)) {
                close(0);
                openCount = open;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * How a half message stands.
     *
     * @param logOffset where its record begins, or where its first one did
     * @return {@link Standing#DECIDED} only until the next checkpoints have forgotten it
     */
    public Standing standing(long logOffset) {
        lock.lock();
        try {
            if (findOpen(logOffset)) {
                return foundChunk().isClaimed(foundRow) ? Standing.CLAIMED : Standing.OPEN;
            }
            return find(logOffset) ? Standing.DECIDED : Standing.UNKNOWN;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Finds an open half message.
     *
     * @param logOffset where its record begins, or where its first one did
     * @return null if it is not open
     */
    public @Nullable OpenHalf openAt(long logOffset) {
        lock.lock();
        try {
            return findOpen(logOffset) ? foundChunk().half(foundRow) : null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lists open half messages in the order of the log.
     *
     * @param fromLogOffset none whose record begins before
     * @param max the most to list
     * @return as they were at some moment during the call
     */
    public List<OpenHalf> list(long fromLogOffset, int max) {
        List<OpenHalf> page = new ArrayList<>();
        lock.lock();
        try {
            HalfChunk first = chunkOf(fromLogOffset, false);
            int from = first == null ? 0 : chunks.indexOf(first);
            for (int c = from; c < chunks.size() && page.size() < max; c++) {
                HalfChunk chunk = chunks.get(c);
                for (int row = 0; chunk.open() > 0 && row < chunk.count() && page.size() < max; row++) {
                    if (chunk.isOpen(row) && chunk.logOffset(row) >= fromLogOffset) {
                        page.add(chunk.half(row));
                    }
                }
            }
        } finally {
            lock.unlock();
        }
        return page;
    }

    // Checks.

    /**
     * Says whom to wake when a half message comes that is due before what {@link #nextCheckMillis} last returned.
     *
     * @param wake called with no lock held, by the appending thread: must be short
     */
    public void onEarlier(Runnable wake) {
        lock.lock();
        try {
            earlier = wake;
        } finally {
            lock.unlock();
        }
    }

    private void wakeFor(long checkMillis) {
        if (checkMillis < announced && earlier != null) {
            announced = checkMillis;
            wakeWanted = true;
        }
    }

    @Override
    public @Nullable Wakeup takeWaiters(PublishedRecords records, @Nullable Wakeup chain) {
        if (!records.has(RecordFacts.HALF)) {
            return chain;
        }
        lock.lock();
        try {
            Runnable wake = wakeWanted ? earlier : null;
            wakeWanted = false;
            return wake == null ? chain : new Earlier(wake, chain);
        } finally {
            lock.unlock();
        }
    }

    private static final class Earlier extends Wakeup {
        private final Runnable wake;

        Earlier(Runnable wake, @Nullable Wakeup chain) {
            this.wake = wake;
            next = chain;
        }

        @Override
        protected void wake() {
            wake.run();
        }
    }

    /**
     * When to call {@link #takeDue} next. May be early: what was due then may have been decided.
     *
     * @return milliseconds since 1970; {@link Long#MAX_VALUE} if nothing is open
     */
    public long nextCheckMillis() {
        lock.lock();
        try {
            long next = Long.MAX_VALUE;
            for (HalfChunk chunk : chunks) {
                next = Math.min(next, chunk.open() == 0 ? Long.MAX_VALUE : chunk.earliestMillis());
            }
            announced = next;
            return next;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Hands out half messages that are due. Each is due again after the rule's interval. One that is to be given up is claimed
     * by the caller; all others may be decided meanwhile. Those of groups without a producer are not handed out.
     *
     * @param nowMillis the time
     * @param rule which of them
     * @param max the most to hand out
     * @param into takes them
     */
    public void takeDue(long nowMillis, CheckRule rule, int max, List<OpenHalf> into) {
        boolean more = true;
        for (int c = 0; more && into.size() < max; c++) {
            // Appends wait for the lock, so it is held for one chunk at a time.
            lock.lock();
            try {
                more = c < chunks.size();
                if (more && chunks.get(c).earliestMillis() <= nowMillis) {
                    takeDue(chunks.get(c), nowMillis, rule, max, into);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private static void takeDue(HalfChunk chunk, long now, CheckRule rule, int max, List<OpenHalf> into) {
        long later = now + rule.intervalMillis();
        long earliest = Long.MAX_VALUE;
        for (int row = 0; row < chunk.count(); row++) {
            if (!chunk.isOpen(row)) {
                continue;
            }
            if (chunk.checkMillis(row) > now) {
                earliest = Math.min(earliest, chunk.checkMillis(row));
                continue;
            }
            if (into.size() == max) {
                // The earliest stays as it is: the next call finds the rest.
                return;
            }
            earliest = Math.min(earliest, later);
            boolean claimed = chunk.isClaimed(row);
            boolean giveUp = !claimed && chunk.checks(row) >= rule.maxChecks();
            if (giveUp || (!claimed && rule.reachable().test(chunk.groupHash(row)))) {
                into.add(chunk.half(row));
            }
            if (giveUp) {
                chunk.claim(row);
            }
            chunk.dueAt(row, later);
        }
        chunk.earliestMillis(earliest);
    }

    /**
     * Notes which producer was asked about a half message, or that the last one has answered.
     *
     * @param logOffset where its record begins, or where its first one did
     * @param who a number from 1 to 127; 0 if it has answered
     */
    public void asked(long logOffset, int who) {
        lock.lock();
        try {
            if (findOpen(logOffset)) {
                foundChunk().asked(foundRow, who);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes a half message due at a time.
     *
     * @param logOffset where its record begins, or where its first one did
     * @param atMillis the time
     * @return false if it is not open
     */
    public boolean checkAt(long logOffset, long atMillis) {
        Runnable wake = null;
        lock.lock();
        try {
            if (!findOpen(logOffset)) {
                return false;
            }
            foundChunk().dueAt(foundRow, atMillis);
            if (atMillis < announced) {
                announced = atMillis;
                wake = earlier;
            }
        } finally {
            lock.unlock();
        }
        if (wake != null) {
            wake.run();
        }
        return true;
    }

    // Files.

    @Override
    public long recover(RecoveryPoint last) {
        chunks.clear();
        open = 0;
        Snapshot newest = snapshots.newest(last.endOfFiles());
        if (newest != null) {
            snapshots.read(newest, this::readRows);
            snapshotLogOffset = newest.logOffset();
        }
        long number = 0;
        long exact = 0;
        if (!last.isNone()) {
            last.expectVersion(VERSION);
            ByteBuffer in = last.progress();
            if (in.remaining() < 2 * Long.BYTES) {
                throw new IllegalArgumentException("expected 16 bytes, found " + in.remaining());
            }
            number = in.getLong();
            exact = in.getLong();
        }
        boolean lost = snapshots.anyLost(number);
        snapshotsDue = lost ? SnapshotFiles.KEPT : 0;
        snapshots.reportLost("nothing is lost: another snapshot or the log has it");
        long from = snapshotLogOffset;
        if (!last.isNone() && number == (newest == null ? 0 : newest.number())) {
            from = Math.max(from, Math.min(exact, last.upToLogOffset()));
        } else if (!last.isNone()) {
            snapshotsDue = Math.max(snapshotsDue, 1);
        }
        exactUpTo = from;
        flushedUpTo = from;
        firstChange = Long.MAX_VALUE;
        openCount = open;
        return from;
    }

    @Override
    public void recovered() {
        recovering = false;
        dropBelow(recoveredFrom);
    }

    private void readRows(int type, byte[] key, byte @Nullable [] value) {
        ByteBuffer in = ByteBuffer.wrap(value == null ? new byte[0] : value);
        while (in.remaining() >= ROW_BYTES) {
            long logOffset = in.getLong();
            long queueOffset = in.getLong();
            long firstLog = in.getLong();
            long firstQueue = in.getLong();
            long check = in.getLong();
            int group = in.getInt();
            int checks = in.getInt();
            add(new OpenHalf(logOffset, queueOffset, firstLog, firstQueue, checks, check, group, 0));
        }
    }

    @Override
    public byte[] progress() {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(snapshots.newestNumber())
                .putLong(exactUpTo)
                .array();
    }

    @Override
    public long tailEntries() {
        lock.lock();
        try {
            return 2 * decidedRows;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void flush(long upTo) {
        boolean changed;
        lock.lock();
        try {
            changed = firstChange < upTo;
        } finally {
            lock.unlock();
        }
        long bytes = openCount * ROW_BYTES;
        if (changed && (bytes <= SMALL_BYTES || upTo - snapshotLogOffset >= GROWTH_PER_BYTE * bytes)) {
            snapshotsDue = Math.max(snapshotsDue, 1);
        }
        if (!changed && snapshotsDue == 0) {
            exactUpTo = Math.max(exactUpTo, upTo);
        }
        while (snapshotsDue > 0) {
            write(upTo);
        }
        forget(upTo);
    }

    private void write(long asOf) {
        long next;
        lock.lock();
        try {
            // What lies above is a change that the snapshot has not; that there is one costs another snapshot only.
            next = lastChange >= asOf ? asOf : Long.MAX_VALUE;
            firstChange = Long.MAX_VALUE;
        } finally {
            lock.unlock();
        }
        snapshots.write(asOf, into -> writeRows(asOf, into));
        snapshotLogOffset = asOf;
        exactUpTo = asOf;
        snapshotsDue = Math.max(0, snapshotsDue - 1);
        lock.lock();
        try {
            firstChange = Math.min(firstChange, next);
        } finally {
            lock.unlock();
        }
    }

    private void writeRows(long asOf, StateVisitor into) {
        ByteWriter rows = new ByteWriter(ROWS_PER_ENTRY * ROW_BYTES);
        boolean more = true;
        for (int c = 0; more; c++) {
            lock.lock();
            try {
                more = c < chunks.size();
                if (more) {
                    encode(chunks.get(c), asOf, rows);
                }
            } finally {
                lock.unlock();
            }
            if (rows.length() >= ROWS_PER_ENTRY * ROW_BYTES || (!more && rows.length() > 0)) {
                into.entry(0, ByteBuffer.allocate(Integer.BYTES).putInt(c).array(), rows.toByteArray());
                rows.clear();
            }
        }
    }

    private static void encode(HalfChunk chunk, long asOf, ByteWriter out) {
        for (int row = 0; row < chunk.count(); row++) {
            if (chunk.wasOpen(row, asOf)) {
                OpenHalf half = chunk.half(row);
                out.putLong(half.logOffset()).putLong(half.queueOffset());
                out.putLong(half.firstLogOffset()).putLong(half.firstQueueOffset());
                out.putLong(half.checkMillis()).putInt(half.groupHash()).putInt(half.checks());
            }
        }
    }

    /** Forgets what was decided below an offset; chunks of which little is left are joined. */
    private void forget(long upTo) {
        flushedUpTo = Math.max(flushedUpTo, upTo);
        lock.lock();
        try {
            List<HalfChunk> kept = new ArrayList<>();
            HalfChunk joined = null;
            decidedRows = 0;
            for (HalfChunk chunk : chunks) {
                int needed = chunk.open() == chunk.count() ? chunk.count() : chunk.needed(upTo);
                if (needed > HalfChunk.MAX_ROWS / 2) {
                    kept.add(chunk);
                    joined = null;
                } else if (needed > 0) {
                    if (joined == null || joined.count() + needed > HalfChunk.MAX_ROWS) {
                        joined = new HalfChunk();
                        kept.add(joined);
                    }
                    chunk.copyNeeded(upTo, joined);
                }
            }
            for (HalfChunk chunk : kept) {
                decidedRows += chunk.count() - chunk.open();
            }
            chunks = kept;
            found = null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Where the log begins to be waited for: no open half message's record begins below.
     *
     * @return a log offset; {@link Long#MAX_VALUE} if none is open
     */
    public long firstLogOffset() {
        List<OpenHalf> first = list(0, 1);
        return first.isEmpty() ? Long.MAX_VALUE : first.getFirst().logOffset();
    }

    /**
     * {@inheritDoc}
     *
     * <p>A half message whose record is gone is gone: see {@link #claim} and {@link #firstLogOffset} for what must come before.
     * No snapshot that is kept may need what is deleted, so any one of them can be lost.
     */
    @Override
    public void retain(long minLogOffset) {
        if (minLogOffset == 0) {
            return;
        }
        if (recovering) {
            recoveredFrom = minLogOffset;
        } else {
            dropBelow(minLogOffset);
        }
        boolean any = snapshots.newestNumber() > 0 || tailEntries() > 0 || openCount > 0;
        while (any && !snapshots.reach(minLogOffset)) {
            write(Math.max(flushedUpTo, minLogOffset));
        }
    }

    private void dropBelow(long minLogOffset) {
        int dropped = 0;
        lock.lock();
        try {
            for (HalfChunk chunk : chunks) {
                dropped += chunk.dropBelow(minLogOffset);
            }
            open -= dropped;
            openCount = open;
        } finally {
            lock.unlock();
        }
        if (dropped > 0) {
            LOG.warn(
                    "half-messages-lost count={} below={} cause=\"the log begins behind them: their segments were"
                            + " deleted\"",
                    dropped,
                    minLogOffset);
        }
    }

    @Override
    public void close() {
        // It holds no file open.
    }
}
