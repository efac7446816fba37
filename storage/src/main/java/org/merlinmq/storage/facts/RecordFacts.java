package org.merlinmq.storage.facts;

import java.util.Arrays;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.PropertyBytes;
import org.merlinmq.protocol.message.PropertyName;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.SysFlag;

/**
 * What one record means to the indexes: its tag, its keys, when it is due, which record it settles, and its kinds.
 *
 * <p>A sender that has scanned the properties already calls {@link #begin} and passes on where it found the three that
 * count; everyone else, who has only the record, calls {@link #read}, which finds them and does the same. So a record means
 * the same when it is appended, when it is read again after a crash, and on another broker.
 *
 * <p>Reused from record to record; nothing is allocated for one.
 *
 * <p>Threading: one owner at a time.
 *
 * <p>Units: times in milliseconds since 1970.
 */
public final class RecordFacts {
    /** Kind: the record stands in no queue and has no queue offset, as one that marks the state of a transaction. */
    public static final int UNQUEUED = 1;

    /** Kind: the record changes the broker's own tables. */
    public static final int STATE = 2;

    /** Kind: the record waits until {@link #dueMillis()}. */
    public static final int DELAYED = 4;

    /** Kind: the record settles another one, see {@link #settles()}. */
    public static final int SETTLES = 8;

    /** Kind: {@link #dueMillis()} counts from the time at which the record will be stored. */
    public static final int DUE_AFTER_STORE = 16;

    /** Kind: half of a transaction, which is open until a record settles it. */
    public static final int HALF = 32;

    /** Kind: what {@link #settles()} names is a half message: the record commits it, gives it up or takes its place. */
    public static final int ENDS_HALF = 64;

    /** Kind: the record's body lists half messages that were decided, by their queue offsets. */
    public static final int HALVES_DECIDED = 128;

    /** Kind: the record's body counts how often half messages were checked. */
    public static final int HALVES_CHECKED = 256;

    /** Kind: a half message that takes another one's place; its properties have the place of the first. */
    public static final int HALF_COPY = 512;

    /** How long after it is stored a half message is checked that asks for nothing else, in milliseconds. */
    public static final int CHECK_AFTER_MILLIS = 6_000;

    /** Where half messages are stored, in queue 0. */
    public static final String HALF_TOPIC_NAME = "RMQ_SYS_TRANS_HALF_TOPIC";

    /** Where the decisions on half messages are listed. */
    public static final String DECIDED_TOPIC_NAME = "RMQ_SYS_TRANS_OP_HALF_TOPIC";

    /** Where half messages go that nobody decided. */
    public static final String GIVEN_UP_TOPIC_NAME = "TRANS_CHECK_MAX_TIME_TOPIC";

    /** The topic of the records that count checks of half messages. */
    public static final String CHECKED_TOPIC_NAME = "rmq_sys_merlin_transactions";

    /** The topic of the records that change the state. Its prefix is the protocol's for topics of the broker's own. */
    public static final String STATE_TOPIC_NAME = "rmq_sys_merlin_state";

    private static final byte[] STATE_TOPIC = Bytes.ascii(STATE_TOPIC_NAME);
    private static final byte[] HALF_TOPIC = Bytes.ascii(HALF_TOPIC_NAME);
    private static final byte[] DECIDED_TOPIC = Bytes.ascii(DECIDED_TOPIC_NAME);
    private static final byte[] GIVEN_UP_TOPIC = Bytes.ascii(GIVEN_UP_TOPIC_NAME);
    private static final byte[] CHECKED_TOPIC = Bytes.ascii(CHECKED_TOPIC_NAME);
    private static final byte[] PGROUP = Bytes.ascii(PropertyName.PGROUP);
    private static final byte[] IMMUNITY = Bytes.ascii(PropertyName.CHECK_IMMUNITY_TIME_IN_SECONDS);
    private static final byte[] FIRST_HALF = Bytes.ascii(PropertyName.FIRST_HALF_LOG_OFFSET);
    private static final byte[] TAGS = Bytes.ascii(PropertyName.TAGS);
    private static final byte[] KEYS = Bytes.ascii(PropertyName.KEYS);
    private static final byte[] UNIQ_KEY = Bytes.ascii(PropertyName.UNIQ_KEY);

    private byte[] bytes = {};
    private long topicHash;
    private boolean rolledBack;

    private long tagsCode;
    private long dueMillis;
    private long settles;
    private int kinds;
    private long[] keys = new long[8];
    private int keyCount;

    /** The facts of no record. */
    public RecordFacts() {}

    /**
     * Works out a stored record.
     *
     * @param record the whole record
     * @param rule adds what only the broker knows
     * @return this
     */
    public RecordFacts read(RecordView record, RecordRule rule) {
        byte[] b = record.bytes();
        int at = record.propertiesAt();
        int n = record.propertiesBytes();
        int tags = PropertyBytes.find(b, at, n, TAGS);
        int unique = PropertyBytes.find(b, at, n, UNIQ_KEY);
        int words = PropertyBytes.find(b, at, n, KEYS);
        begin(b, record.recordAt(), KeyHash.topic(b, record.topicAt(), record.topicBytes()));
        tag(tags, valueBytes(b, tags, at + n));
        uniqueKey(unique, valueBytes(b, unique, at + n));
        keys(words, valueBytes(b, words, at + n));
        return refine(record, rule);
    }

    /**
     * Takes the kinds that follow from the record's topic, and what a rule adds, after all else: for whoever has scanned the
     * properties of a record of any topic.
     *
     * @param record the record that these facts were begun with
     * @param rule adds what only the broker knows
     * @return this
     */
    public RecordFacts refine(RecordView record, RecordRule rule) {
        readTopic(record);
        rule.refine(record, this);
        return this;
    }

    /** The broker's own topics, which are told apart by the lengths of their names first. */
    private void readTopic(RecordView record) {
        switch (record.topicBytes()) {
            case 20 -> kinds |= isOf(record, STATE_TOPIC) ? STATE : 0;
            case 24 -> {
                if (isOf(record, HALF_TOPIC) && (kinds & UNQUEUED) == 0 && record.queueId() == 0) {
                    readHalf(record);
                }
            }
            case 26 -> kinds |= isOf(record, GIVEN_UP_TOPIC) && (kinds & SETTLES) != 0 ? ENDS_HALF : 0;
            case 27 ->
                kinds |=
                        isOf(record, DECIDED_TOPIC) ? HALVES_DECIDED : isOf(record, CHECKED_TOPIC) ? HALVES_CHECKED : 0;
            default -> {
                // A topic of its users.
            }
        }
    }

    private static boolean isOf(RecordView record, byte[] topic) {
        return record.topicBytes() == topic.length
                && Bytes.equals(topic, 0, record.bytes(), record.topicAt(), record.topicBytes());
    }

    private void readHalf(RecordView record) {
        byte[] b = record.bytes();
        int at = record.propertiesAt();
        int n = record.propertiesBytes();
        int group = PropertyBytes.find(b, at, n, PGROUP);
        half(
                checkAfterMillis(b, at, n, CHECK_AFTER_MILLIS),
                group < 0 ? 0 : Bytes.hash(b, group, PropertyBytes.valueBytes(b, group, at + n)));
        kinds |= (kinds & SETTLES) != 0 ? ENDS_HALF : 0;
        kinds |= PropertyBytes.find(b, at, n, FIRST_HALF) >= 0 ? HALF_COPY : 0;
    }

    /**
     * How long after it is stored a half message is to be checked: {@code CHECK_IMMUNITY_TIME_IN_SECONDS} of its properties,
     * where that is a number of seconds above 0.
     *
     * @param b holds its properties
     * @param at their first byte
     * @param n their size
     * @param otherwise what holds without that property
     * @return milliseconds
     */
    public static int checkAfterMillis(byte[] b, int at, int n, int otherwise) {
        int value = PropertyBytes.find(b, at, n, IMMUNITY);
        if (value < 0) {
            return otherwise;
        }
        int digits = PropertyBytes.valueBytes(b, value, at + n);
        long seconds = 0;
        for (int i = value; i < value + digits; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9) {
                return otherwise;
            }
            seconds = Math.min(seconds * 10 + digit, Integer.MAX_VALUE);
        }
        return seconds == 0 ? otherwise : (int) Math.min(seconds * 1000, Integer.MAX_VALUE);
    }

    private static int valueBytes(byte[] b, int valueAt, int end) {
        return valueAt < 0 ? 0 : PropertyBytes.valueBytes(b, valueAt, end);
    }

    /**
     * Begins with a record whose properties were scanned: {@link #tag}, {@link #uniqueKey} and {@link #keys} follow.
     *
     * @param record holds the record
     * @param recordAt its first byte
     * @param topicKeyHash {@link KeyHash#topic} of its topic
     * @return this, with nothing of the record before
     */
    @SuppressWarnings("ReferenceEquality") // the very same array
    public RecordFacts begin(byte[] record, int recordAt, long topicKeyHash) {
        // Not stored again if it is the same, for the reason in ByteSlice.
        if (bytes != record) {
            bytes = record;
        }
        topicHash = topicKeyHash;
        tagsCode = 0;
        dueMillis = 0;
        keyCount = 0;
        int sysFlag = Bytes.getInt(record, recordAt + RecordLayout.SYS_FLAG_AT);
        settles = RecordLayout.named(Bytes.getLong(record, recordAt + RecordLayout.preparedAt(sysFlag)));
        int transaction = SysFlag.transaction(sysFlag);
        rolledBack = transaction == SysFlag.ROLLBACK;
        int settling = transaction == SysFlag.COMMIT ? SETTLES | ENDS_HALF : SETTLES;
        kinds = (rolledBack || transaction == SysFlag.PREPARED ? UNQUEUED : 0)
                | (settles == RecordLayout.NAMES_NONE ? 0 : settling);
        return this;
    }

    /**
     * Takes the tag.
     *
     * @param at where its value lies in the record's array
     * @param length its bytes; 0 for no tag
     */
    public void tag(int at, int length) {
        tagsCode = length == 0 ? 0 : Bytes.javaHash(bytes, at, length);
    }

    /**
     * Takes the unique key.
     *
     * @param at where its value lies in the record's array
     * @param length its bytes; 0 for none
     */
    public void uniqueKey(int at, int length) {
        if (length > 0 && !rolledBack) {
            key(at, length);
        }
    }

    /**
     * Takes the keys: words with blanks between them, each of which finds the message.
     *
     * @param at where their value lies in the record's array
     * @param length its bytes; 0 for none
     */
    public void keys(int at, int length) {
        if (length == 0 || rolledBack) {
            return;
        }
        int end = at + length;
        int word = at;
        for (int i = at; i <= end; i++) {
            if (i == end || bytes[i] == ' ') {
                if (i > word) {
                    key(word, i - word);
                }
                word = i + 1;
            }
        }
    }

    private void key(int at, int length) {
        if (keyCount == keys.length) {
            keys = Arrays.copyOf(keys, keyCount * 2);
        }
        keys[keyCount++] = KeyHash.of(topicHash, bytes, at, length);
    }

    /**
     * Makes the record a delayed one.
     *
     * @param millis when it is due; 0 if it is not delayed
     */
    public void due(long millis) {
        dueMillis = millis;
        kinds = millis == 0 ? kinds & ~DELAYED : kinds | DELAYED;
    }

    /**
     * Makes the record a half message. Until a record settles it, it is one of the open transactions of the store.
     *
     * @param checkAfterMillis how long after it is stored it is to be checked
     * @param groupHash {@link Bytes#hash} of its producer group
     */
    public void half(int checkAfterMillis, int groupHash) {
        dueMillis = ((long) checkAfterMillis << 32) | (groupHash & 0xFFFF_FFFFL);
        kinds |= HALF;
    }

    /** Makes a half message one that was decided, as the broker knows that wrote it. */
    public void notHalf() {
        dueMillis = (kinds & HALF) != 0 ? 0 : dueMillis;
        kinds &= ~(HALF | HALF_COPY);
    }

    /**
     * Makes the record one that is due a time after it is stored, as those of the delay levels are: for whoever reads it again
     * knows no other time. Its queue entry holds when it is due in place of the tag's hash.
     *
     * @param delayMillis how long after
     */
    public void dueAfterStore(long delayMillis) {
        dueMillis = delayMillis;
        kinds |= DELAYED | DUE_AFTER_STORE;
    }

    /**
     * Lets the queue entry hold another number in place of the tag's hash, as the queues of delay levels do.
     *
     * @param code the number
     */
    public void tagsCode(long code) {
        tagsCode = code;
    }

    /**
     * Adds a kind.
     *
     * @param kind {@link #UNQUEUED} or {@link #STATE}
     */
    public void kind(int kind) {
        kinds |= kind;
    }

    /** The hash of the tag, by which the queue entry is filtered; 0 without one. */
    public long tagsCode() {
        return tagsCode;
    }

    /**
     * When the record is due, or, with {@link #DUE_AFTER_STORE}, how long after it is stored. Of a {@link #HALF}: in the high
     * 32 bits how long after it is stored it is checked, in the low ones the hash of its group.
     *
     * @return the time; 0 if it is not delayed
     */
    public long dueMillis() {
        return dueMillis;
    }

    /**
     * The record that this one settles: the delayed one that it delivers or cancels, the half message that it ends.
     *
     * @return its log offset; {@link RecordLayout#NAMES_NONE} for none
     */
    public long settles() {
        return settles;
    }

    /** All its kinds: the constants of this class, added up. */
    public int kinds() {
        return kinds;
    }

    /** How many keys find the record. */
    public int keyCount() {
        return keyCount;
    }

    /**
     * One of its keys.
     *
     * @param i which, from 0
     * @return its hash, see {@link KeyHash}
     */
    public long key(int i) {
        return keys[i];
    }
}
