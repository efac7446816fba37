package org.merlinmq.storage.state;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.disk.Damage;
import org.merlinmq.storage.disk.DiskException;
import org.merlinmq.storage.disk.DiskFile;
import org.merlinmq.storage.disk.Mapping;

/**
 * One journal or snapshot, mapped for reading.
 *
 * <p>What follows the last whole record is a torn tail: a write that a crash interrupted. Bytes that are no record but
 * have whole records behind them are damage in the middle: reported, and the records behind are used.
 */
final class StateFile implements AutoCloseable {

    private static final int MAX_BYTES = 1 << 30;

    private final DiskFile file;
    private final long generation;
    private final byte[] header;
    private final @Nullable Mapping mapping;
    private final ByteBuffer bytes;
    private final int size;
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
        this.size = (int) size;
        mapping = size == 0 ? null : file.map(0, size);
        bytes = mapping == null ? ByteBuffer.allocate(0) : mapping.bytes().asByteBuffer();
    }

    /** Unmaps: only then may the file be cut. */
    @Override
    public void close() {
        if (mapping != null) {
            mapping.close();
        }
    }

    /**
     * Applies all whole records.
     *
     * @return the end of the last whole record
     */
    int replay(StateLog.@Nullable Applier applier) {
        checkHeader();
        int at = Math.min(StateFormat.HEADER_BYTES, size);
        long records = 0;
        while (at < size) {
            int length = StateFormat.recordLength(bytes, at, size, generation);
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
                byte[] record = new byte[length];
                bytes.get(from, record);
                applier.apply(type, record);
            }
            records++;
        }
        return at;
    }

    private void checkHeader() {
        int there = Math.min(size, StateFormat.HEADER_BYTES);
        int wrong = bytes.slice(0, there).mismatch(ByteBuffer.wrap(header, 0, there));
        if (wrong >= 0) {
            damaged(wrong, "damaged header of state generation " + generation + "; its records are checked one by one");
        }
    }

    private void checkCount(int at, long records) {
        long expected = bytes.getLong(at);
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
        for (int at = from; at < size; at++) {
            if (StateFormat.recordLength(bytes, at, size, generation) >= 0) {
                return at;
            }
        }
        return -1;
    }

    int size() {
        return size;
    }

    private void damaged(long at, String what) {
        damages.accept(new Damage(file.path(), at, what));
    }
}
