package org.merlinmq.storage.state;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.platform.disk.Mapping;

/**
 * One journal or snapshot, mapped for reading.
 *
 * <p>Bytes that are no record are damage, reported with its place: in the middle, and the records behind are used, or at
 * the end, where a crash may have interrupted a write.
 */
final class FormerStateFile implements AutoCloseable {

    private static final int MAX_BYTES = 1 << 30;

    private final DiskFile file;
    private final long generation;
    private final byte[] header;
    private final @Nullable Mapping mapping;
    private final ByteBuffer bytes;
    private final int size;
    private final Consumer<Damage> damages;

    FormerStateFile(DiskFile file, int kind, long generation, Consumer<Damage> damages) {
        this.file = file;
        this.generation = generation;
        this.damages = damages;
        header = FormerStateFormat.header(kind, generation);
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

    /** Applies all whole records. */
    void replay(FormerStateLog.Applier applier) {
        checkHeader();
        int at = Math.min(FormerStateFormat.HEADER_BYTES, size);
        long records = 0;
        while (at < size) {
            int length = FormerStateFormat.recordLength(bytes, at, size, generation);
            if (length < 0) {
                int next = resync(at + 1);
                damaged(at, (next - at) + " bytes are no record: what they changed is lost");
                at = next;
                continue;
            }
            int type = FormerStateFormat.type(bytes, at);
            int from = at + FormerStateFormat.RECORD_HEAD_BYTES;
            at = from + length;
            if (type == FormerStateFormat.END_TYPE) {
                checkCount(from, records);
            } else {
                byte[] record = new byte[length];
                bytes.get(from, record);
                applier.apply(type, record);
            }
            records++;
        }
    }

    private void checkHeader() {
        int there = Math.min(size, FormerStateFormat.HEADER_BYTES);
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

    private int resync(int from) {
        for (int at = from; at < size; at++) {
            if (FormerStateFormat.recordLength(bytes, at, size, generation) >= 0) {
                return at;
            }
        }
        return size;
    }

    private void damaged(long at, String what) {
        damages.accept(new Damage(file.path(), at, what));
    }
}
