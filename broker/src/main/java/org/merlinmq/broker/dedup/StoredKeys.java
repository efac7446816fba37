package org.merlinmq.broker.dedup;

import java.util.Arrays;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.Storage;

/**
 * The keys of the newest records that the log had when the broker started.
 *
 * <p>Several records can have one hash: a message may name another's unique key among its {@code KEYS}, and one that is
 * cancelled or relocated is named by a further record. The first {@value #MAX_SAME} that are found are kept.
 *
 * <p>Threading: any thread once it is read; it does not change.
 *
 * <p>Limits: a number of bytes. Where they are not enough the older half of what is known is forgotten, as often as needed:
 * what is known is always all since {@link #sinceMillis}.
 *
 * <p>Units: times in milliseconds since 1970; 16 bytes a slot, of which at most three quarters are used.
 */
final class StoredKeys {
    static final int MAX_SAME = 4;

    private static final int SLOT_BYTES = 16;
    private static final int MIN_SLOTS = 64;
    private static final int MAX_SLOTS = 1 << 28;

    private final DedupMemory memory;
    private final long maxBytes;
    private final long untilMillis;
    private long[] slots = new long[2 * MIN_SLOTS];
    private int count;

    /** Records before this were forgotten. */
    private long fromLogOffset;

    private long sinceMillis = Long.MIN_VALUE;

    private StoredKeys(DedupMemory memory, long maxBytes, long untilMillis) {
        this.memory = memory;
        this.maxBytes = maxBytes;
        this.untilMillis = untilMillis;
    }

    /**
     * Reads the keys.
     *
     * @param fromMillis at least those of records that were stored since then
     * @param untilMillis until when they count
     * @param memory where they are accounted
     * @param maxBytes how much of it they may take
     */
    static StoredKeys read(Storage storage, long fromMillis, long untilMillis, DedupMemory memory, long maxBytes) {
        StoredKeys keys = new StoredKeys(memory, maxBytes, untilMillis);
        memory.force(keys.bytes());
        storage.forEachKeySince(fromMillis, keys::add);
        if (keys.fromLogOffset > 0) {
            keys.sinceMillis = storeMillis(storage, keys.fromLogOffset - 1, fromMillis);
        }
        return keys;
    }

    /** When the newest record was stored that is not known. */
    private static long storeMillis(Storage storage, long logOffset, long otherwise) {
        byte[] record = storage.readRecord(logOffset);
        RecordView view = new RecordView();
        return record != null && view.on(record, 0, record.length) ? view.storeMillis() : otherwise;
    }

    long bytes() {
        return (long) slots.length * Long.BYTES;
    }

    /** How many keys are known. */
    int count() {
        return count;
    }

    /** Once that is past, no window reaches back to the start. */
    long untilMillis() {
        return untilMillis;
    }

    /** The keys of all records that were stored later are known; {@link Long#MIN_VALUE} if nothing was forgotten. */
    long sinceMillis() {
        return sinceMillis;
    }

    private void add(long hash, long logOffset) {
        if (logOffset < fromLogOffset) {
            return;
        }
        int slotCount = slots.length / 2;
        if (count >= slotCount / 4 * 3) {
            if (slotCount < MAX_SLOTS && 2 * bytes() <= maxBytes && memory.reserve((long) slotCount * SLOT_BYTES)) {
                rebuild(slotCount * 2);
            } else {
                forgetOlderHalf();
                add(hash, logOffset);
                return;
            }
        }
        put(hash == 0 ? 1 : hash, logOffset);
    }

    private void forgetOlderHalf() {
        long[] logOffsets = new long[count];
        int found = 0;
        for (int i = 0; i < slots.length; i += 2) {
            if (slots[i] != 0) {
                logOffsets[found++] = slots[i + 1];
            }
        }
        Arrays.sort(logOffsets);
        fromLogOffset = logOffsets[found / 2] + 1;
        rebuild(slots.length / 2);
    }

    private void rebuild(int slotCount) {
        long[] before = slots;
        slots = new long[2 * slotCount];
        count = 0;
        for (int i = 0; i < before.length; i += 2) {
            if (before[i] != 0 && before[i + 1] >= fromLogOffset) {
                put(before[i], before[i + 1]);
            }
        }
    }

    private void put(long key, long logOffset) {
        int mask = slots.length / 2 - 1;
        int same = 0;
        int slot = first(key, mask);
        while (slots[2 * slot] != 0) {
            if (slots[2 * slot] == key && (++same == MAX_SAME || slots[2 * slot + 1] == logOffset)) {
                return;
            }
            slot = (slot + 1) & mask;
        }
        slots[2 * slot] = key;
        slots[2 * slot + 1] = logOffset;
        count++;
    }

    private static int first(long key, int mask) {
        return (int) (key >>> 20) & mask;
    }

    /**
     * One of the records that have a hash, in no order.
     *
     * @param hash of a key
     * @param number of the record among them, from 0
     * @return its log offset; {@link DedupTables#NONE} if there are not so many
     */
    long find(long hash, int number) {
        long key = hash == 0 ? 1 : hash;
        int mask = slots.length / 2 - 1;
        int left = number;
        for (int slot = first(key, mask); slots[2 * slot] != 0; slot = (slot + 1) & mask) {
            if (slots[2 * slot] == key && left-- == 0) {
                return slots[2 * slot + 1];
            }
        }
        return DedupTables.NONE;
    }
}
