package org.merlinmq.broker.dedup;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.facts.KeyHash;

/**
 * The unique keys that were sent to one topic within its window: where the first send of each was stored, or that it is
 * under way.
 *
 * <p>The table is cut into stripes by hash, each an open-addressed array, so that a new key costs one miss of the cache at most. When an
 * array is full it is copied without the keys whose window is over, into a larger one if need be. Keys are known by 44 bits of
 * their hash; whoever finds one compares the stored record.
 *
 * <p>Threading: any thread; each {@link DedupStripe} has a lock of its own, a leaf, under which nothing is done but on its array.
 *
 * <p>Limits: {@link DedupMemory}. Where it gives no more, the older half of a stripe is forgotten early: {@link #coveredMillis}. A
 * send under way is never forgotten. A stripe that was used has at least {@value DedupStripe#MIN_SLOTS} slots, however little is left.
 *
 * <p>Units: times in milliseconds since 1970; memory in bytes.
 */
public final class DedupTable {
    /** The key was new: it is under way now, until {@link #settle} or {@link #release}. */
    public static final long CLAIMED = -1;

    /** Another send of the key is under way. */
    public static final long UNDER_WAY = -2;

    /** No place that {@link #claim} would return. */
    public static final long NO_PLACE = Long.MIN_VALUE;

    private static final int MIN_STRIPES = 64;
    private static final int MAX_STRIPES = 1 << 16;

    /** Among the bits of a hash that choose neither slot nor stripe. */
    private static final int LETTERS_AT = 40;

    private static final long ODD = 0x9E3779B97F4A7C15L;

    private final DedupMemory memory;
    private final DedupStripe[] stripes;
    private final int stripeShift;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger shrunk = new AtomicInteger();
    private volatile long windowMillis;
    private volatile long usedMillis;

    /** {@link DedupMemory#table} makes one. */
    DedupTable(long windowMillis, DedupMemory memory) {
        this.windowMillis = windowMillis;
        this.memory = memory;
        int largest = Math.clamp(
                memory.maxBytes() / (DedupStripe.MAX_SLOTS * DedupStripe.SLOT_BYTES), MIN_STRIPES, MAX_STRIPES);
        stripes = new DedupStripe[powerOfTwo(largest)];
        stripeShift = Long.SIZE - Integer.numberOfTrailingZeros(stripes.length);
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = new DedupStripe(this, memory);
        }
    }

    /** So many, or the next power of two. */
    static int powerOfTwo(int least) {
        return Integer.highestOneBit(least - 1) << 1;
    }

    /**
     * The hash by which a key is known here. The clients of RocketMQ count in the last letters of a key: up to {@value DedupStripe#BESIDE}
     * keys that differ in the value of the last two alone, as hexadecimal digits, get slots beside each other, so that few of a
     * busy producer's keys cost a miss of the cache. Other keys are spread as by {@link KeyHash}.
     *
     * @param topicHash of {@link KeyHash#topic}
     * @param b holds the key
     * @param at where it begins
     * @param length its bytes, at least 1
     * @return the hash
     */
    public static long hash(long topicHash, byte[] b, int at, int length) {
        int last = b[at + length - 1] & 0xFF;
        int before = length == 1 ? 0 : b[at + length - 2] & 0xFF;
        int value = digit(last) + (digit(before) << 4);
        // All of the two letters is in here: what is left of their value, that itself, and their high halves.
        long mixed = hashOfMost(
                topicHash + value / DedupStripe.BESIDE + 64L * (digit(last) >>> 4), b, at, Math.max(0, length - 2));
        mixed ^= (long) (value % DedupStripe.BESIDE) << DedupStripe.TIME_BITS;
        return mixed ^ ((long) ((before & 0xF0) | (last >>> 4)) << LETTERS_AT);
    }

    /** The value of a letter, if it is a hexadecimal digit. */
    private static int digit(int letter) {
        return (letter & 0xF) + (letter >>> 6) * 9;
    }

    /** As {@link KeyHash#of} of the topic and the bytes, in a third of the time: these hashes are kept nowhere. */
    private static long hashOfMost(long topicHash, byte[] b, int at, int length) {
        if (length < Long.BYTES) {
            return KeyHash.of(topicHash, b, at, length);
        }
        int last = at + length - Long.BYTES;
        long mixed = topicHash + length;
        for (int i = at; i < last; i += Long.BYTES) {
            mixed = (Long.rotateLeft(mixed, 29) ^ Bytes.getLong(b, i)) * ODD;
        }
        mixed = (Long.rotateLeft(mixed, 29) ^ Bytes.getLong(b, last)) * ODD;
        mixed = (mixed ^ (mixed >>> 32)) * ODD;
        mixed = (mixed ^ (mixed >>> 29)) * ODD;
        return mixed ^ (mixed >>> 32);
    }

    /** The topic's window. */
    public long windowMillis() {
        return windowMillis;
    }

    /** Changes the window. Keys that were forgotten already do not come back. */
    public void windowMillis(long millis) {
        windowMillis = millis;
    }

    long bytes() {
        return bytes.get();
    }

    /** Takes memory for so many bytes of slots more, or gives it back if it is less than none. */
    void account(long more) {
        memory.force(more);
        bytes.addAndGet(more);
    }

    private DedupStripe stripe(long hash) {
        return stripes[(int) (hash >>> stripeShift)];
    }

    /**
     * Takes a key for a send, unless it is known.
     *
     * @param hash of the key
     * @param nowMillis the time
     * @param stale a place that an earlier call returned and that is no such send: it counts as unknown; or {@link #NO_PLACE}
     * @return {@link #CLAIMED}, {@link #UNDER_WAY}, or the log offset of the key's first send
     */
    public long claim(long hash, long nowMillis, long stale) {
        if (nowMillis - usedMillis >= DedupStripe.TICK_MILLIS) {
            usedMillis = nowMillis;
        }
        long known = stripe(hash).claim(hash, nowMillis, stale);
        memory.shareIfLacking(this, nowMillis);
        return known;
    }

    /**
     * Says where the send was stored that has the key, and wakes those that wait for it.
     *
     * @param hash of the key
     * @param logOffset where its record is
     * @param nowMillis the time
     */
    public void settle(long hash, long logOffset, long nowMillis) {
        run(stripe(hash).settle(hash, logOffset, nowMillis));
    }

    /**
     * Gives the key back: its send was not stored. Wakes those that wait for it.
     *
     * @param hash of the key
     */
    public void release(long hash) {
        run(stripe(hash).release(hash));
    }

    /**
     * Waits for a send that is under way.
     *
     * @param hash of its key
     * @param then run once it is settled or released, on that thread
     * @return false if it is no longer under way: then it is not run
     */
    public boolean await(long hash, Runnable then) {
        return stripe(hash).await(hash, then);
    }

    private static void run(List<Runnable> woken) {
        for (Runnable each : woken) {
            each.run();
        }
    }

    /**
     * For how long back duplicates are found in any case: the window, unless memory was too small for it.
     *
     * @param nowMillis the time
     * @return milliseconds
     */
    public long coveredMillis(long nowMillis) {
        long covered = windowMillis;
        for (DedupStripe each : stripes) {
            covered = Math.min(covered, each.coveredMillis(nowMillis));
        }
        return covered;
    }

    /** Forgets all keys if the window of each is over. */
    void forgetIfIdle(long nowMillis) {
        if (bytes.get() > 0 && nowMillis - usedMillis >= windowMillis + 2 * DedupStripe.TICK_MILLIS) {
            for (DedupStripe each : stripes) {
                each.forgetIfIdle(nowMillis);
            }
        }
    }

    /** Forgets the older half of one stripe, for another table; of another one each time. */
    void shrink(long nowMillis) {
        stripes[shrunk.getAndIncrement() & (stripes.length - 1)].shrink(nowMillis);
    }

    /** Forgets all keys and gives the memory back; from now on each key is new. Wakes all that wait. */
    public void close() {
        memory.closed(this);
        for (DedupStripe each : stripes) {
            run(each.close());
        }
    }
}
