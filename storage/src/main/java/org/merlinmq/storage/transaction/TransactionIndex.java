package org.merlinmq.storage.transaction;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
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
 * Keeps what the log says of half messages: which are open, and when each is to be checked.
 *
 * <p>A half message is closed by a later record: the committed message, which names it in its {@code
 * preparedTransactionOffset}, a record in {@code RMQ_SYS_TRANS_OP_HALF_TOPIC} that lists its queue offset, or the one that
 * gives it up. So a transaction ends with one append, and a crash finds it open or ended.
 *
 * <p>How: {@link OpenHalves} holds a row for each half message. A decided one keeps its row until a flush has passed what
 * decided it, so that a snapshot is exactly the state as of its log offset. A large snapshot is not written at each checkpoint
 * but when the log has grown by {@link #GROWTH_PER_BYTE} times its size; recovery reads the log again from there.
 *
 * <p>Threading: as {@link LogIndex} says.
 *
 * <p>Format: docs/formats/transactions.md.
 */
public final class TransactionIndex implements LogIndex {
    /** The name that the files of the snapshots begin with. */
    public static final String FILES = "transactions";

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
    private final OpenHalves halves = new OpenHalves();

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

    /** What is open. */
    public OpenHalves halves() {
        return halves;
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
        halves.lock();
        try {
            for (int i = 0; i < records.count(); i++) {
                apply(records, i);
            }
        } finally {
            halves.unlock();
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
        if (records.is(i, RecordFacts.ENDS_HALF) && halves.find(records.settles(i))) {
            check = halves.close(logOffset);
        }
        if (records.is(i, RecordFacts.HALF)) {
            halves.add(half(records, i, check));
        }
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

    /** Numbers with commas between them and perhaps behind them; RocketMQ before 4.9.5 wrote one without a comma. */
    private void applyDecided(RecordView record, long logOffset) {
        byte[] b = record.bytes();
        int end = record.bodyAt() + record.bodyBytes();
        for (int from = record.bodyAt(); from < end; ) {
            int comma = Bytes.indexOf(b, from, end, ',');
            if (comma > from && halves.findInQueue(decimal(b, from, comma))) {
                halves.close(logOffset);
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
            if (halves.find(Bytes.getLong(b, row))) {
                halves.checks(Bytes.getInt(b, row + Long.BYTES), logOffset);
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

    // Checks are due.

    @Override
    public @Nullable Wakeup takeWaiters(PublishedRecords records, @Nullable Wakeup chain) {
        if (!records.has(RecordFacts.HALF)) {
            return chain;
        }
        Runnable wake = halves.takeWake();
        return wake == null ? chain : new Earlier(wake, chain);
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

    // Files.

    @Override
    public long recover(RecoveryPoint last) {
        halves.lock();
        try {
            halves.clear();
        } finally {
            halves.unlock();
        }
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
        halves.noChanges();
        return from;
    }

    @Override
    public void recovered() {
        recovering = false;
        dropBelow(recoveredFrom);
    }

    private void readRows(int type, byte[] key, byte @Nullable [] value) {
        ByteBuffer in = ByteBuffer.wrap(value == null ? new byte[0] : value);
        halves.lock();
        try {
            while (in.remaining() >= ROW_BYTES) {
                long logOffset = in.getLong();
                long queueOffset = in.getLong();
                long firstLog = in.getLong();
                long firstQueue = in.getLong();
                long check = in.getLong();
                int group = in.getInt();
                int checks = in.getInt();
                halves.add(new OpenHalf(logOffset, queueOffset, firstLog, firstQueue, checks, check, group, 0));
            }
        } finally {
            halves.unlock();
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
        return 2 * halves.decidedRows();
    }

    @Override
    public void flush(long upTo) {
        boolean changed = halves.changedBelow(upTo);
        long bytes = halves.count() * ROW_BYTES;
        if (changed && (bytes <= SMALL_BYTES || upTo - snapshotLogOffset >= GROWTH_PER_BYTE * bytes)) {
            snapshotsDue = Math.max(snapshotsDue, 1);
        }
        if (!changed && snapshotsDue == 0) {
            exactUpTo = Math.max(exactUpTo, upTo);
        }
        while (snapshotsDue > 0) {
            write(upTo);
        }
        flushedUpTo = Math.max(flushedUpTo, upTo);
        halves.forget(upTo);
    }

    private void write(long asOf) {
        long next = halves.beginSnapshot(asOf);
        snapshots.write(asOf, into -> writeRows(asOf, into));
        snapshotLogOffset = asOf;
        exactUpTo = asOf;
        snapshotsDue = Math.max(0, snapshotsDue - 1);
        halves.snapshotWritten(next);
    }

    private void writeRows(long asOf, StateVisitor into) {
        ByteWriter rows = new ByteWriter(ROWS_PER_ENTRY * ROW_BYTES);
        boolean more = true;
        for (int c = 0; more; c++) {
            more = halves.encode(c, asOf, rows);
            if (rows.length() >= ROWS_PER_ENTRY * ROW_BYTES || (!more && rows.length() > 0)) {
                into.entry(0, ByteBuffer.allocate(Integer.BYTES).putInt(c).array(), rows.toByteArray());
                rows.clear();
            }
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>A half message whose record is gone is gone: see {@link OpenHalves#claim} and {@link OpenHalves#firstLogOffset} for what must come before.
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
        boolean any = snapshots.newestNumber() > 0 || tailEntries() > 0 || halves.count() > 0;
        while (any && !snapshots.reach(minLogOffset)) {
            write(Math.max(flushedUpTo, minLogOffset));
        }
    }

    private void dropBelow(long minLogOffset) {
        int dropped = halves.dropBelow(minLogOffset);
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
