package org.merlinmq.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.log.EpochTable.Epoch;

/**
 * The file that says which of two stores in a folder counts: the one in its place, or the one that was set aside for it.
 *
 * <pre>
 *  0 "MERLINSA"   8
 *  8 version      4   1
 * 12 state        4   1 apart, 2 replaced, 3 dropping
 * 16 number       4   N of aside-N
 * 20 begin        8   of the log that was set aside
 * 28 end          8
 * 36 epochs       4   how many follow, oldest first, each
 *      number     4
 *      logOffset  8
 *    crc32c       4   of all before
 * </pre>
 *
 * <p>Threading: one thread, holding the store's lock.
 *
 * <p>Errors: {@link DiskException} for a file that cannot be read: without it nobody knows which store counts.
 *
 * <p>Format: big-endian; docs/formats/set-aside.md. The file is replaced as a whole.
 *
 * @param state what the folder holds
 * @param number of the folders that hold the old store
 * @param log what the old store has
 */
record SetAsideMark(State state, int number, SetAsideLog log) {
    static final String FILE = "set-aside";

    private static final byte[] MAGIC = "MERLINSA".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int HEAD_BYTES = 40;
    private static final int EPOCH_BYTES = 12;
    private static final int CRC_BYTES = 4;
    private static final int MAX_BYTES = 1 << 20;

    /** What the folder holds. */
    enum State {
        /** A part of the old store in its place, the rest of it aside, and nothing else. */
        APART(1),
        /** A copy that is not level yet in the place of the old store, which is aside as a whole. */
        REPLACED(2),
        /** The same, but the copy is being deleted. */
        DROPPING(3);

        private final int code;

        State(int code) {
            this.code = code;
        }

        static @Nullable State of(int code) {
            for (State each : values()) {
                if (each.code == code) {
                    return each;
                }
            }
            return null;
        }
    }

    SetAsideMark with(State other) {
        return new SetAsideMark(other, number, log);
    }

    void write(Disk disk, Path folder) {
        ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + log.epochs().size() * EPOCH_BYTES + CRC_BYTES);
        out.put(MAGIC).putInt(VERSION).putInt(state.code).putInt(number);
        out.putLong(log.begin()).putLong(log.end()).putInt(log.epochs().size());
        log.epochs().forEach(epoch -> out.putInt(epoch.number()).putLong(epoch.logOffset()));
        out.putInt(crc(out.array(), out.position()));
        disk.replace(folder.resolve(FILE), out.array());
    }

    static void delete(Disk disk, Path folder) {
        disk.delete(folder.resolve(FILE));
        disk.forceFolder(folder);
    }

    /** Returns null if nothing was set aside that counts. */
    static @Nullable SetAsideMark read(Disk disk, Path folder) {
        Path file = folder.resolve(FILE);
        if (!disk.exists(file)) {
            return null;
        }
        byte[] bytes = disk.readAll(file, MAX_BYTES);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int end = bytes.length - CRC_BYTES;
        if (end < MAGIC.length + 4 || in.getInt(end) != crc(bytes, end) || !Arrays.equals(bytes, 0, 8, MAGIC, 0, 8)) {
            throw unusable(file, "is damaged");
        }
        if (in.getInt(8) != VERSION) {
            throw new DiskException(
                    file + " has version " + in.getInt(8) + ", and this server reads version " + VERSION
                            + ": start the version of MerlinMQ that wrote it",
                    false,
                    null);
        }
        int count = end < HEAD_BYTES ? 0 : in.getInt(36);
        if (count < 1 || end != HEAD_BYTES + (long) count * EPOCH_BYTES) {
            throw unusable(file, "has " + bytes.length + " bytes for " + count + " epochs");
        }
        State state = State.of(in.getInt(12));
        if (state == null) {
            throw unusable(file, "has the state " + in.getInt(12));
        }
        return new SetAsideMark(state, in.getInt(16), log(in, count));
    }

    private static SetAsideLog log(ByteBuffer in, int count) {
        List<Epoch> epochs = new ArrayList<>();
        in.position(HEAD_BYTES);
        for (int i = 0; i < count; i++) {
            epochs.add(new Epoch(in.getInt(), in.getLong()));
        }
        return new SetAsideLog(epochs, in.getLong(20), in.getLong(28));
    }

    private static DiskException unusable(Path file, String why) {
        return new DiskException(
                file + " " + why
                        + ", so that it is not known whether the store in its folder is a copy that was never finished;"
                        + " move the data folder away and start with an empty one, which takes a copy of the master's log",
                false,
                null);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
