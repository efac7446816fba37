package org.merlinmq.storage.run;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a checkpoint says about the indexes: up to where in the log they are in files, and which files these are.
 *
 * <p>Format: big-endian; {@code upToLogOffset 8, timerDueMillis 8, timerLogOffset 8, count 4}, then per file {@code
 * kind 4, number 8, minLogOffset 8, maxLogOffset 8, entries 8, bytes 8}. The checkpoint around it has the checksum.
 *
 * @param upToLogOffset all records below this are indexed by the files; recovery scans the log from here
 * @param timerDueMillis timers before this time (and, at this time, below the next field) are delivered
 * @param timerLogOffset see above
 * @param files all live files, of all kinds, oldest first within a kind
 */
public record RunSet(long upToLogOffset, long timerDueMillis, long timerLogOffset, List<RunFile> files) {

    private static final int HEAD_BYTES = 28;
    private static final int FILE_BYTES = 44;

    /** Nothing indexed yet: recovery scans the whole log. */
    public static final RunSet EMPTY = new RunSet(0, 0, 0, List.of());

    /**
     * Copies the list.
     *
     * @param upToLogOffset see the record
     * @param timerDueMillis see the record
     * @param timerLogOffset see the record
     * @param files see the record
     */
    public RunSet {
        files = List.copyOf(files);
    }

    /**
     * The files of one kind.
     *
     * @param kind the kind
     * @return oldest first
     */
    public List<RunFile> files(RunKind kind) {
        return files.stream().filter(file -> file.kind() == kind).toList();
    }

    /**
     * As bytes.
     *
     * @return for {@link #read}
     */
    public byte[] write() {
        ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + files.size() * FILE_BYTES);
        out.putLong(upToLogOffset)
                .putLong(timerDueMillis)
                .putLong(timerLogOffset)
                .putInt(files.size());
        for (RunFile file : files) {
            out.putInt(file.kind().code()).putLong(file.number());
            out.putLong(file.minLogOffset()).putLong(file.maxLogOffset());
            out.putLong(file.entries()).putLong(file.bytes());
        }
        return out.array();
    }

    /**
     * From bytes.
     *
     * @param bytes as {@link #write} made them, checked by the caller's checksum
     * @param at where they begin
     * @param length how many they are
     * @return the set
     * @throws IllegalArgumentException if they are no such bytes
     */
    public static RunSet read(byte[] bytes, int at, int length) {
        ByteBuffer in = ByteBuffer.wrap(bytes, at, length);
        if (length < HEAD_BYTES) {
            throw new IllegalArgumentException("a run set has at least " + HEAD_BYTES + " bytes, found " + length);
        }
        long upTo = in.getLong();
        long timerDue = in.getLong();
        long timerLogOffset = in.getLong();
        int count = in.getInt();
        if (count < 0 || in.remaining() != (long) count * FILE_BYTES) {
            throw new IllegalArgumentException(
                    "a run set of " + count + " files cannot have " + length + " bytes: it is damaged");
        }
        List<RunFile> files = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            RunKind kind = RunKind.of(in.getInt());
            files.add(new RunFile(kind, in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong()));
        }
        return new RunSet(upTo, timerDue, timerLogOffset, files);
    }
}
