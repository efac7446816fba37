package org.merlinmq.storage.log;

import java.util.Arrays;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.index.PublishedRecords;
import org.merlinmq.storage.index.RecordQueue;

/**
 * Records staged by one event loop: one place in the log and one write for all of them. Made once, used again and again;
 * grows to the largest use.
 *
 * <p>Threading: owned by its maker until {@link CommitLog#append}, by the log until {@link AppendListener#appended}.
 */
public final class AppendBatch {
    private static final int FIRST_ENTRIES = 64;

    private final ByteWriter bytes = new ByteWriter();
    private final PublishedRecords records = new PublishedRecords();
    private final CRC32C checksum = new CRC32C();
    private final AppendListener listener;
    private final CopyWaits copies;
    private final int maxRecordBytes;
    private final AckLevel usualLevel;

    private AckLevel ackLevel;

    /** How many other brokers have to have it, if its level asks for copies. */
    private int copiesNeeded;

    private SpaceRule spaceRule = SpaceRule.MESSAGE;
    private AppendStatus status = AppendStatus.STORED;
    private String reason = "";

    /** Entries that must lie together from this one on, itself included. */
    private int[] together = new int[FIRST_ENTRIES];

    // Runs: entries that lie one after another in one segment, each written with one call.
    private int runCount;
    private int[] runFirst = new int[4];
    /** Where the segment before the run is closed by a blank record; -1 if the run goes on in the same segment. */
    private long[] runBlankAt = new long[4];

    // What the log keeps while the batch is in flight.
    long begin;
    long end;
    long storeMillis;
    boolean finished;
    boolean whole;
    long flushDeadlineNanos;
    long copyDeadlineNanos;

    /** Nothing reads it: but for it the compiler could leave {@link #touch} out. */
    @SuppressWarnings("unused")
    private long touched;

    @Nullable AppendBatch next;

    AppendBatch(int maxRecordBytes, AckLevel usualLevel, CopyWaits copies, AppendListener listener) {
        this.maxRecordBytes = maxRecordBytes;
        this.usualLevel = usualLevel;
        this.ackLevel = usualLevel;
        this.copies = copies;
        this.copiesNeeded = copies.required();
        this.listener = listener;
    }

    /** Where records are encoded, one right behind the other. */
    public ByteWriter bytes() {
        return bytes;
    }

    /**
     * Takes up a record that was just encoded.
     *
     * @param queue the queue it goes to
     * @param recordAt where it begins in {@link #bytes}: where the one before it ends
     * @param size its bytes
     * @param facts what it means; copied
     * @return its index in the batch
     */
    public int add(RecordQueue queue, int recordAt, int size, RecordFacts facts) {
        int i = records.count();
        if (size > maxRecordBytes || (i > 0 && recordAt != records.recordAt(i - 1) + records.recordBytes(i - 1))) {
            throw new IllegalArgumentException("record " + i + " at " + recordAt + " of " + size
                    + " bytes: expected at most " + maxRecordBytes + " bytes right behind the record before");
        }
        if (i == together.length) {
            together = Arrays.copyOf(together, i * 2);
        }
        together[i] = 1;
        return records.add(queue, recordAt, size, facts);
    }

    /**
     * Asks that the records added last lie one after another in one segment, as those of a batch message do.
     *
     * @param entries how many
     */
    public void group(int entries) {
        together[records.count() - entries] = entries;
    }

    /**
     * Says how safe the records are when the listener is called. Until this is called, the configured flush mode decides.
     *
     * @param level from when on it may be called
     */
    public void ackLevel(AckLevel level) {
        ackLevel = level;
    }

    /**
     * Says how many other brokers have to have the records when the listener is called; the disk here as before. Until this is
     * called, the configuration decides.
     *
     * @param count how many; 0 for none
     */
    public void copies(int count) {
        copiesNeeded = count;
        ackLevel = switch (ackLevel) {
            case WRITTEN, COPIED -> count == 0 ? AckLevel.WRITTEN : AckLevel.COPIED;
            case FLUSHED, FLUSHED_AND_COPIED -> count == 0 ? AckLevel.FLUSHED : AckLevel.FLUSHED_AND_COPIED;
        };
    }

    int copies() {
        return copiesNeeded;
    }

    AckLevel ackLevel() {
        return ackLevel;
    }

    /**
     * Says what of a nearly full disk the batch may take. Holds until it is changed.
     *
     * @param rule the rule; {@link SpaceRule#MESSAGE} at first
     */
    public void spaceRule(SpaceRule rule) {
        spaceRule = rule;
    }

    SpaceRule spaceRule() {
        return spaceRule;
    }

    /**
     * Takes the records added last out again, and whatever else was encoded behind those that stay.
     *
     * @param entries how many stay
     * @param length how many bytes of {@link #bytes} stay
     */
    public void truncate(int entries, int length) {
        records.truncate(entries);
        bytes.truncate(length);
    }

    /** Empties the batch for its next use. */
    public void clear() {
        bytes.clear();
        records.clear();
        status = AppendStatus.STORED;
        reason = "";
        ackLevel = usualLevel;
        copiesNeeded = copies.required();
    }

    /** How many records were added. */
    public int count() {
        return records.count();
    }

    /**
     * Where a record was stored.
     *
     * @param i its index
     * @return its log offset; known once the listener is called
     */
    public long logOffset(int i) {
        return records.logOffset(i);
    }

    /**
     * Where a record stands in its queue.
     *
     * @param i its index
     * @return its queue offset; known once the listener is called
     */
    public long queueOffset(int i) {
        return records.queueOffset(i);
    }

    /**
     * A record's size.
     *
     * @param i its index
     * @return bytes
     */
    public int recordBytes(int i) {
        return records.recordBytes(i);
    }

    /** When the records were stored, in milliseconds since 1970; known once the listener is called. */
    public long storeMillis() {
        return storeMillis;
    }

    /** What became of the batch; known once the listener is called. */
    public AppendStatus status() {
        return status;
    }

    /** Why the batch was refused, for whoever has to act; empty if it was not. */
    public String reason() {
        return reason;
    }

    /** The log has decided: the batch goes back to its maker, at once or when other brokers have it. */
    void finish(AppendStatus result, String why) {
        boolean waits = switch (ackLevel) {
            case WRITTEN, FLUSHED -> false;
            case COPIED, FLUSHED_AND_COPIED -> result == AppendStatus.STORED;
        };
        if (waits) {
            copies.await(this);
        } else {
            giveBack(result, why);
        }
    }

    /** Gives the batch back to its maker. */
    void giveBack(AppendStatus result, String why) {
        status = result;
        reason = why;
        listener.appended(this);
    }

    // For the log alone.

    /** The records, to be read before they are sealed. */
    PublishedRecords placed() {
        records.bytes(bytes.array());
        return records;
    }

    PublishedRecords records() {
        return records;
    }

    /**
     * Fetches the queues into the cache, side by side: with tens of thousands of them each one is a miss, or several, which
     * others would wait for under the append lock.
     */
    void touch() {
        long any = 0;
        for (int i = 0; i < records.count(); i++) {
            RecordQueue each = records.queue(i);
            any += each == null ? 0 : each.touch();
        }
        touched = any;
    }

    /** Takes queue offsets for all records. Returns null, or the topic that was deleted: then none is taken. */
    @Nullable String number() {
        for (int i = 0; i < records.count(); ) {
            int end = records.runEnd(i);
            boolean queued = !records.is(i, RecordFacts.UNQUEUED);
            long offset = queued ? queue(i).reserve(end - i) : 0;
            if (offset < 0) {
                unnumber(i);
                return queue(i).topic();
            }
            for (; i < end; i++) {
                records.numberAs(i, offset++);
            }
        }
        return null;
    }

    private void unnumber(int count) {
        for (int i = count - 1; i >= 0; i--) {
            if (!records.is(i, RecordFacts.UNQUEUED)) {
                queue(i).unreserve(records.queueOffset(i));
            }
        }
    }

    private RecordQueue queue(int i) {
        return Objects.requireNonNull(records.queue(i));
    }

    /** How many entries from here on must lie together. */
    int together(int i) {
        return together[i];
    }

    int bytesOf(int first, int entries) {
        int last = first + entries - 1;
        return records.recordAt(last) + records.recordBytes(last) - records.recordAt(first);
    }

    int recordAt(int i) {
        return records.recordAt(i);
    }

    void placeAt(int i, long logOffset) {
        records.placeAt(i, logOffset);
    }

    void beginRuns(long at) {
        begin = at;
        runCount = 0;
        addRun(0, -1);
        finished = false;
        whole = false;
        next = null;
    }

    void addRun(int first, long blankAt) {
        // A run that got no entry is closed by a blank before the first record of the next.
        if (runCount > 0 && runFirst[runCount - 1] == first) {
            runCount--;
        }
        if (runCount == runFirst.length) {
            runFirst = Arrays.copyOf(runFirst, runCount * 2);
            runBlankAt = Arrays.copyOf(runBlankAt, runCount * 2);
        }
        runFirst[runCount] = first;
        runBlankAt[runCount++] = blankAt;
    }

    int runCount() {
        return runCount;
    }

    long runBlankAt(int run) {
        return runBlankAt[run];
    }

    int runFirst(int run) {
        return runFirst[run];
    }

    int runEnd(int run) {
        return run + 1 < runCount ? runFirst[run + 1] : records.count();
    }

    /** Patches what only the log knows into the records, and takes their checksums. */
    void seal() {
        byte[] b = bytes.array();
        records.bytes(b);
        for (int i = 0; i < records.count(); i++) {
            int at = records.recordAt(i);
            int size = records.recordBytes(i);
            RecordLayout.place(b, at, records.queueOffset(i), records.logOffset(i), storeMillis);
            records.storedAt(i, storeMillis);
            assert Bytes.getInt(b, at) == size : "record " + i + " has another size than it was added with";
            checksum.reset();
            checksum.update(b, at, size);
            records.sealAs(i, (int) checksum.getValue());
        }
    }
}
