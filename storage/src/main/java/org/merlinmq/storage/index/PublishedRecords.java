package org.merlinmq.storage.index;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;

/**
 * Records that are published together, in log order, with what each of them means: what a {@link LogIndex} applies.
 *
 * <p>One column for each fact, so that thousands of records need no object each. A row is added with what its sender
 * knows; the log fills in where the record is stored before any index sees it.
 *
 * <p>Threading: owned by whoever fills it, then by the log until the records are published.
 *
 * <p>Units: log offsets count bytes, queue offsets messages; times are milliseconds since 1970.
 */
public final class PublishedRecords {
    private static final int FIRST_ROWS = 64;

    private final RecordView view = new RecordView();
    private byte[] bytes = {};
    private int count;
    private int kindsOfAll;

    /** Each a {@link RecordQueue}. The array's type has the entry of one fetch nothing of the queue, which is seldom in the cache. */
    private @Nullable Object[] queue = new @Nullable Object[FIRST_ROWS];

    private int[] recordAt = new int[FIRST_ROWS];
    private int[] recordBytes = new int[FIRST_ROWS];
    private int[] crc = new int[FIRST_ROWS];
    private int[] kinds = new int[FIRST_ROWS];
    private int[] keysEnd = new int[FIRST_ROWS];
    private long[] tagsCode = new long[FIRST_ROWS];
    private long[] dueMillis = new long[FIRST_ROWS];
    private long[] settles = new long[FIRST_ROWS];
    private long[] logOffset = new long[FIRST_ROWS];
    private long[] queueOffset = new long[FIRST_ROWS];
    private long[] keys = new long[FIRST_ROWS * 2];

    /** No records. */
    public PublishedRecords() {}

    /**
     * Adds a record that is to be stored.
     *
     * @param to the queue that numbers it; null for a record that another broker, or an earlier run, has numbered
     * @param at where it begins in the array that {@link #bytes(byte[])} will name
     * @param length its bytes
     * @param facts what it means; copied
     * @return its row
     */
    public int add(@Nullable RecordQueue to, int at, int length, RecordFacts facts) {
        int i = count;
        if (i == recordAt.length) {
            grow(i * 2);
        }
        queue[i] = to;
        recordAt[i] = at;
        recordBytes[i] = length;
        tagsCode[i] = facts.tagsCode();
        dueMillis[i] = facts.dueMillis();
        settles[i] = facts.settles();
        kinds[i] = facts.kinds();
        kindsOfAll |= facts.kinds();
        int k = i == 0 ? 0 : keysEnd[i - 1];
        int more = facts.keyCount();
        while (k + more > keys.length) {
            keys = Arrays.copyOf(keys, keys.length * 2);
        }
        for (int each = 0; each < more; each++) {
            keys[k + each] = facts.key(each);
        }
        keysEnd[i] = k + more;
        count = i + 1;
        return i;
    }

    /**
     * Takes the one record that a scan of the log has met, in place of all others.
     *
     * @param record the record, numbered and placed
     * @param crc32c its CRC32C
     * @param facts what it means
     * @return this
     */
    public PublishedRecords only(RecordView record, int crc32c, RecordFacts facts) {
        clear();
        bytes = record.bytes();
        int i = add(null, record.recordAt(), record.totalBytes(), facts);
        crc[i] = crc32c;
        logOffset[i] = record.logOffset();
        queueOffset[i] = record.queueOffset();
        return this;
    }

    private void grow(int rows) {
        queue = Arrays.copyOf(queue, rows);
        recordAt = Arrays.copyOf(recordAt, rows);
        recordBytes = Arrays.copyOf(recordBytes, rows);
        crc = Arrays.copyOf(crc, rows);
        kinds = Arrays.copyOf(kinds, rows);
        keysEnd = Arrays.copyOf(keysEnd, rows);
        tagsCode = Arrays.copyOf(tagsCode, rows);
        dueMillis = Arrays.copyOf(dueMillis, rows);
        settles = Arrays.copyOf(settles, rows);
        logOffset = Arrays.copyOf(logOffset, rows);
        queueOffset = Arrays.copyOf(queueOffset, rows);
    }

    /**
     * Takes the last records out again.
     *
     * @param rows how many stay
     */
    public void truncate(int rows) {
        Arrays.fill(queue, rows, count, null);
        count = rows;
    }

    /** Takes all records out. */
    public void clear() {
        truncate(0);
        kindsOfAll = 0;
    }

    /**
     * Says which array holds the records.
     *
     * @param holder the array
     */
    public void bytes(byte[] holder) {
        bytes = holder;
    }

    /**
     * Says where the log has put a record.
     *
     * @param i its row
     * @param offset its log offset
     */
    public void placeAt(int i, long offset) {
        logOffset[i] = offset;
    }

    /**
     * Says when a record is stored: then it is known when one is due that waits from there on.
     *
     * @param i its row
     * @param storeMillis the time that stands in the record
     */
    public void storedAt(int i, long storeMillis) {
        if (is(i, RecordFacts.DUE_AFTER_STORE)) {
            kinds[i] &= ~RecordFacts.DUE_AFTER_STORE;
            dueMillis[i] += storeMillis;
            tagsCode[i] = dueMillis[i];
        }
    }

    /**
     * Says which number a record has in its queue.
     *
     * @param i its row
     * @param offset its queue offset
     */
    public void numberAs(int i, long offset) {
        queueOffset[i] = offset;
    }

    /**
     * Says which checksum a record has, now that nothing of it changes any more.
     *
     * @param i its row
     * @param crc32c its CRC32C
     */
    public void sealAs(int i, int crc32c) {
        crc[i] = crc32c;
    }

    /** How many records there are. */
    public int count() {
        return count;
    }

    /**
     * Whether a record of a kind may be among them; most indexes have nothing to do otherwise.
     *
     * @param kind a kind of {@link RecordFacts}
     * @return false if there is none for sure
     */
    public boolean has(int kind) {
        return (kindsOfAll & kind) != 0;
    }

    /**
     * Whether a record is of a kind.
     *
     * @param i its row
     * @param kind a kind of {@link RecordFacts}
     * @return true if it is
     */
    public boolean is(int i, int kind) {
        return (kinds[i] & kind) != 0;
    }

    /** The array that holds the records, whole and as they are written. */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * A record itself.
     *
     * @param i its row
     * @return a view that is valid until the next call
     */
    public RecordView record(int i) {
        if (!view.on(bytes, recordAt[i], recordBytes[i])) {
            throw new IllegalStateException("no record at " + recordAt[i] + ", log offset " + logOffset[i]);
        }
        return view;
    }

    /**
     * Where a record begins in {@link #bytes()}.
     *
     * @param i its row
     * @return index of its first byte
     */
    public int recordAt(int i) {
        return recordAt[i];
    }

    /**
     * A record's size.
     *
     * @param i its row
     * @return bytes
     */
    public int recordBytes(int i) {
        return recordBytes[i];
    }

    /**
     * A record's checksum.
     *
     * @param i its row
     * @return CRC32C of the whole record
     */
    public int crc(int i) {
        return crc[i];
    }

    /**
     * The queue that numbered a record.
     *
     * @param i its row
     * @return the queue; null if the record came with its number
     */
    public @Nullable RecordQueue queue(int i) {
        return (RecordQueue) queue[i];
    }

    /**
     * Where the rows end that stand one behind another in the queue of a row, as those of a batch message do: one step of the
     * queue does for all of them.
     *
     * @param i the first of them
     * @return the first row behind it that goes to another queue, or to none; {@code i + 1} if row {@code i} goes to none
     */
    public int runEnd(int i) {
        @Nullable Object to = queue[i];
        int end = i + 1;
        if (to != null && !is(i, RecordFacts.UNQUEUED)) {
            while (end < count && to.equals(queue[end]) && !is(end, RecordFacts.UNQUEUED)) {
                end++;
            }
        }
        return end;
    }

    /**
     * Where a record begins in the log.
     *
     * @param i its row
     * @return its log offset
     */
    public long logOffset(int i) {
        return logOffset[i];
    }

    /**
     * Where a record stands in its queue.
     *
     * @param i its row
     * @return its queue offset
     */
    public long queueOffset(int i) {
        return queueOffset[i];
    }

    /**
     * What the queue entry of a record holds to filter by.
     *
     * @param i its row
     * @return see {@link RecordFacts#tagsCode()}
     */
    public long tagsCode(int i) {
        return tagsCode[i];
    }

    /**
     * When a record is due.
     *
     * @param i its row
     * @return see {@link RecordFacts#dueMillis()}
     */
    public long dueMillis(int i) {
        return dueMillis[i];
    }

    /**
     * Which record a record settles.
     *
     * @param i its row
     * @return see {@link RecordFacts#settles()}
     */
    public long settles(int i) {
        return settles[i];
    }

    /**
     * The first of a record's keys.
     *
     * @param i its row
     * @return for {@link #key}
     */
    public int keysBegin(int i) {
        return i == 0 ? 0 : keysEnd[i - 1];
    }

    /**
     * The end of a record's keys.
     *
     * @param i its row
     * @return behind the last for {@link #key}
     */
    public int keysEnd(int i) {
        return keysEnd[i];
    }

    /**
     * The hash of a key.
     *
     * @param k which, over all records
     * @return see {@link org.merlinmq.storage.facts.KeyHash}
     */
    public long key(int k) {
        return keys[k];
    }
}
