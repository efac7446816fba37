package org.merlinmq.storage.state;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.disk.Damage;
import org.merlinmq.storage.disk.DiskException;
import org.merlinmq.storage.disk.DiskFile;

/**
 * One journal or snapshot, read as a whole.
 *
 * <p>What follows the last whole record is a torn tail: a write that a crash interrupted. Bytes that are no record but
 * have whole records behind them are damage in the middle: reported, and the records behind are used.
 */
final class StateFile {

    private static final int MAX_BYTES = 1 << 30;

    private final DiskFile file;
    private final long generation;
    private final byte[] header;
    private final byte[] bytes;
    private final Consumer<Damage> damages;

    StateFile(DiskFile file, int kind, long generation, Consumer<Damage> damages) {
        this.file = file;
        this.generation = generation;
        this.damages = damages;
        header = StateFormat.header(kind, generation);
        long size = file.size();
        if (size > MAX_BYTES) {
            throw new DiskException(
                    file.path() + " has " + size + " bytes, more than state can have (" + MAX_BYTES
                            + "): it is no state file of this store",
                    false,
                    null);
        }
        bytes = new byte[(int) size];
        file.read(0, bytes, 0, bytes.length);
    }

    /**
     * Applies all whole records.
     *
     * @return the end of the last whole record
     */
    int replay(StateLog.@Nullable Applier applier) {
        checkHeader();
        int at = Math.min(StateFormat.HEADER_BYTES, bytes.length);
        long records = 0;
        while (at < bytes.length) {
            int length = StateFormat.recordLength(bytes, at, bytes.length, generation);
            if (length < 0) {
                int next = resync(at + 1);
                if (next < 0) {
                    return at;
                }
                damaged(at, "damaged state: " + (next - at) + " bytes are no record; the records behind are used");
                at = next;
                continue;
            }
            int type = StateFormat.type(bytes, at);
            int from = at + StateFormat.RECORD_HEAD_BYTES;
            at = from + length;
            if (type == StateFormat.END_TYPE) {
                checkCount(from, records);
            } else if (applier != null) {
                applier.apply(type, Arrays.copyOfRange(bytes, from, at));
            }
            records++;
        }
        return at;
    }

    private void checkHeader() {
        int there = Math.min(bytes.length, StateFormat.HEADER_BYTES);
        int wrong = Arrays.mismatch(bytes, 0, there, header, 0, there);
        if (wrong >= 0) {
            damaged(wrong, "damaged header of state generation " + generation + "; its records are checked one by one");
        }
    }

    private void checkCount(int at, long records) {
        long expected = java.nio.ByteBuffer.wrap(bytes).getLong(at);
        if (expected != records) {
            damaged(at, "expected " + expected + " records in the snapshot, found " + records);
        }
    }

    /** Whether the last record is the one that ends a snapshot. */
    boolean isComplete(int end) {
        int at = end - StateFormat.RECORD_HEAD_BYTES - Long.BYTES;
        return at >= StateFormat.HEADER_BYTES
                && StateFormat.recordLength(bytes, at, end, generation) == Long.BYTES
                && StateFormat.type(bytes, at) == StateFormat.END_TYPE;
    }

    private int resync(int from) {
        for (int at = from; at < bytes.length; at++) {
            if (StateFormat.recordLength(bytes, at, bytes.length, generation) >= 0) {
                return at;
            }
        }
        return -1;
    }

    int size() {
        return bytes.length;
    }

    private void damaged(long at, String what) {
        damages.accept(new Damage(file.path(), at, what));
    }
}
