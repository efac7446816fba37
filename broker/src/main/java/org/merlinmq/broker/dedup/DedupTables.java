package org.merlinmq.broker.dedup;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.storage.Storage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the broker knows of sends that came before: the tables of the topics with a window, which share their memory, and the
 * keys that the log had when the broker started.
 *
 * <p>Threading: any thread.
 */
public final class DedupTables {
    /** No log offset. */
    public static final long NONE = -1;

    private static final Logger LOG = LoggerFactory.getLogger(DedupTables.class);

    private final DedupMemory memory;
    private final LongSupplier nowMillis;
    private volatile @Nullable StoredKeys stored;

    /**
     * Tables without keys.
     *
     * @param maxBytes most memory of all together
     * @param nowMillis the wall clock
     */
    public DedupTables(long maxBytes, LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
        memory = new DedupMemory(maxBytes);
    }

    /** What the tables share. */
    public DedupMemory memory() {
        return memory;
    }

    /** The time by which windows count, in milliseconds since 1970. */
    public long nowMillis() {
        return nowMillis.getAsLong();
    }

    /**
     * Takes the keys that the log has, and makes their records durable if sends wait for that: what repeats them is answered
     * at once. To be called once, before sends are taken.
     *
     * @param storage the log
     * @param windowMillis the longest window of any topic; 0 for none
     */
    public void restore(Storage storage, long windowMillis) {
        if (windowMillis > 0) {
            if (storage.flushMode() == FlushMode.SYNC) {
                storage.flush();
            }
            long now = nowMillis();
            // The other half is for the keys that come.
            stored = StoredKeys.read(storage, now - windowMillis, now + windowMillis, memory, memory.maxBytes() / 2);
            LOG.info("dedup-keys-read count={} millis={}", storedKeys(), nowMillis() - now);
        }
    }

    /**
     * Where the log had a key when the broker started.
     *
     * @param hash of the key
     * @param number which of several records that may have it, from 0
     * @param nowMillis the time
     * @return the record's log offset; {@link #NONE} if there are not so many
     */
    public long storedBefore(long hash, int number, long nowMillis) {
        StoredKeys known = stored;
        if (known == null) {
            return NONE;
        }
        if (nowMillis > known.untilMillis()) {
            forget(known);
            return NONE;
        }
        return known.find(hash, number);
    }

    /**
     * For how long back the keys are known that the log had when the broker started.
     *
     * @return milliseconds; {@link Long#MAX_VALUE} if none was left out for want of memory
     */
    public long coveredMillis() {
        StoredKeys known = stored;
        return known == null || known.sinceMillis() == Long.MIN_VALUE
                ? Long.MAX_VALUE
                : Math.max(0, nowMillis() - known.sinceMillis());
    }

    /** How many keys of the log are known now. */
    public int storedKeys() {
        StoredKeys known = stored;
        return known == null ? 0 : known.count();
    }

    private synchronized void forget(StoredKeys known) {
        if (stored == known) {
            stored = null;
            memory.release(known.bytes());
        }
    }
}
