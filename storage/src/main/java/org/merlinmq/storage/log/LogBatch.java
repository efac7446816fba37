package org.merlinmq.storage.log;

import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.storage.queue.Queue;

/**
 * Records on their way into the log, with all that the log says of them. Used again and again; grows to the largest use.
 *
 * <p>Threading: owned by its maker until {@link CommitLog#append}, by the log until {@link Done#done}.
 */
public final class LogBatch {
    /** Told once for each append. */
    @FunctionalInterface
    public interface Done {
        /** The batch has its outcome and belongs to its maker again. Must not throw and must not block. */
        void done();
    }

    private static final int FIRST_ENTRIES = 64;

    private final ByteWriter bytes = new ByteWriter();
    private final CRC32C checksum = new CRC32C();
    private final Done done;
    private final int maxRecordBytes;

    private int count;
    private boolean waitForFlush;
    private boolean makesRoom;
    private Outcome outcome = Outcome.STORED;
    private String reason = "";

    // Per entry.
    private Queue[] queue = new Queue[FIRST_ENTRIES];
    private int[] recordAt = new int[FIRST_ENTRIES];
    private int[] recordBytes = new int[FIRST_ENTRIES];
    private int[] crc = new int[FIRST_ENTRIES];
    private int[] keysEnd = new int[FIRST_ENTRIES];
    /** Entries that must lie together from this one on, itself included. */
    private int[] together = new int[FIRST_ENTRIES];

    private long[] tagsCode = new long[FIRST_ENTRIES];
    private long[] dueMillis = new long[FIRST_ENTRIES];
    private long[] settles = new long[FIRST_ENTRIES];
    private long[] logOffset = new long[FIRST_ENTRIES];
    private long[] queueOffset = new long[FIRST_ENTRIES];
    private long[] keys = new long[FIRST_ENTRIES * 2];

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

    @Nullable LogBatch next;

    /**
     * An empty batch.
     *
     * @param maxRecordBytes larger records are a bug of the caller
     * @param done told of each append's end
     */
    public LogBatch(int maxRecordBytes, Done done) {
        this.maxRecordBytes = maxRecordBytes;
        this.done = done;
    }

    /**
     * Where records are encoded, one right behind the other.
     *
     * @return the bytes
     */
    public ByteWriter bytes() {
        return bytes;
    }

    /**
     * Takes up a record that was just encoded.
     *
     * @param to the queue it goes to
     * @param at where it begins in {@link #bytes}: where the one before it ends
     * @param length its bytes
     * @param tag its tagsCode
     * @param due when it is due, in milliseconds since 1970; 0 if it is no timer
     * @return its index in the batch
     */
    public int add(Queue to, int at, int length, long tag, long due) {
        int i = count;
        if (length > maxRecordBytes || at != (i == 0 ? at : recordAt[i - 1] + recordBytes[i - 1])) {
            throw new IllegalArgumentException("record " + i + " at " + at + " of " + length
                    + " bytes: expected at most " + maxRecordBytes + " bytes right behind the record before");
        }
        if (i == queue.length) {
            grow(i * 2);
        }
        queue[i] = to;
        recordAt[i] = at;
        recordBytes[i] = length;
        tagsCode[i] = tag;
        dueMillis[i] = due;
        byte[] b = bytes.array();
        int sysFlag = Bytes.getInt(b, at + RecordLayout.SYS_FLAG_AT);
        settles[i] = RecordLayout.named(Bytes.getLong(b, at + RecordLayout.preparedAt(sysFlag)));
        together[i] = 1;
        keysEnd[i] = i == 0 ? 0 : keysEnd[i - 1];
        count = i + 1;
        return i;
    }

    private void grow(int entries) {
        queue = Arrays.copyOf(queue, entries);
        recordAt = Arrays.copyOf(recordAt, entries);
        recordBytes = Arrays.copyOf(recordBytes, entries);
        crc = Arrays.copyOf(crc, entries);
        keysEnd = Arrays.copyOf(keysEnd, entries);
        together = Arrays.copyOf(together, entries);
        tagsCode = Arrays.copyOf(tagsCode, entries);
        dueMillis = Arrays.copyOf(dueMillis, entries);
        settles = Arrays.copyOf(settles, entries);
        logOffset = Arrays.copyOf(logOffset, entries);
        queueOffset = Arrays.copyOf(queueOffset, entries);
    }

    /**
     * Adds a key of the record added last.
     *
     * @param hash the 64-bit hash of {@code topic#key}
     */
    public void addKey(long hash) {
        int k = keysEnd[count - 1]++;
        if (k == keys.length) {
            keys = Arrays.copyOf(keys, k * 2);
        }
        keys[k] = hash;
    }

    /**
     * Asks that the records added last lie together in one segment.
     *
     * @param entries how many
     */
    public void group(int entries) {
        together[count - entries] = entries;
    }

    /**
     * Whether the outcome waits until the disk has confirmed the records.
     *
     * @param wait true to wait
     */
    public void waitForFlush(boolean wait) {
        waitForFlush = wait;
    }

    /**
     * As asked of {@link #waitForFlush(boolean)}.
     *
     * @return whether the outcome waits for the disk
     */
    public boolean waitsForFlush() {
        return waitForFlush;
    }

    /**
     * Says that the records are appended so that a segment can be deleted: they are taken as long as there is a segment
     * for them, even if the disk is fuller than writes are wanted.
     *
     * @param makes true if they are
     */
    public void makesRoom(boolean makes) {
        makesRoom = makes;
    }

    boolean makesRoom() {
        return makesRoom;
    }

    /**
     * How many records were added.
     *
     * @return entries
     */
    public int count() {
        return count;
    }

    /**
     * Where a record was stored.
     *
     * @param i its index
     * @return its log offset, once stored
     */
    public long logOffset(int i) {
        return logOffset[i];
    }

    /**
     * Where a record stands in its queue.
     *
     * @param i its index
     * @return its queue offset, once stored
     */
    public long queueOffset(int i) {
        return queueOffset[i];
    }

    /**
     * A record's size.
     *
     * @param i its index
     * @return bytes
     */
    public int recordBytes(int i) {
        return recordBytes[i];
    }

    /**
     * When the log took the batch.
     *
     * @return milliseconds since 1970, the store time of all its records
     */
    public long storeMillis() {
        return storeMillis;
    }

    /**
     * What became of the batch.
     *
     * @return the outcome, once done
     */
    public Outcome outcome() {
        return outcome;
    }

    /**
     * Why it was refused.
     *
     * @return a sentence; empty if it was not
     */
    public String reason() {
        return reason;
    }

    /**
     * Takes the records added last out again.
     *
     * @param entries how many stay
     * @param length how many bytes stay
     */
    public void truncate(int entries, int length) {
        Arrays.fill(queue, entries, count, null);
        count = entries;
        bytes.truncate(length);
    }

    /** Empties the batch. */
    public void clear() {
        bytes.clear();
        Arrays.fill(queue, 0, count, null);
        count = 0;
        outcome = Outcome.STORED;
        reason = "";
    }

    void finish(Outcome result, String why) {
        outcome = result;
        reason = why;
        done.done();
    }

    Queue queue(int i) {
        return queue[i];
    }

    int crc(int i) {
        return crc[i];
    }

    long tagsCode(int i) {
        return tagsCode[i];
    }

    long dueMillis(int i) {
        return dueMillis[i];
    }

    /** The timer that a record settles; {@link RecordLayout#NAMES_NONE} for none. */
    long settles(int i) {
        return settles[i];
    }

    int keysBegin(int i) {
        return i == 0 ? 0 : keysEnd[i - 1];
    }

    int keysEnd(int i) {
        return keysEnd[i];
    }

    long key(int k) {
        return keys[k];
    }

    /** How many entries from here on must lie together. */
    int together(int i) {
        return together[i];
    }

    int bytesOf(int first, int entries) {
        int last = first + entries - 1;
        return recordAt[last] + recordBytes[last] - recordAt[first];
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
        return run + 1 < runCount ? runFirst[run + 1] : count;
    }

    int recordAt(int i) {
        return recordAt[i];
    }

    void placeAt(int i, long offset) {
        logOffset[i] = offset;
    }

    void numberAs(int i, long offset) {
        queueOffset[i] = offset;
    }

    /** Patches what only the log knows into the records, and takes their checksums. */
    void seal() {
        byte[] b = bytes.array();
        for (int i = 0; i < count; i++) {
            int at = recordAt[i];
            RecordLayout.place(b, at, queueOffset[i], logOffset[i], storeMillis);
            assert Bytes.getInt(b, at) == recordBytes[i] : "record " + i + " has another size than was told";
            checksum.reset();
            checksum.update(b, at, recordBytes[i]);
            crc[i] = (int) checksum.getValue();
        }
    }
}
