package org.merlinmq.storage.run;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.merlinmq.platform.disk.FileNames;

/**
 * One immutable sorted file, as a checkpoint names it.
 *
 * @param kind what its entries are
 * @param number makes the name unique in its kind; a higher number was written later
 * @param minLogOffset lowest log offset of its entries
 * @param maxLogOffset highest log offset of its entries
 * @param entries how many
 * @param bytes size of the file
 */
public record RunFile(RunKind kind, long number, long minLogOffset, long maxLogOffset, long entries, long bytes) {
    private static final int COUNT_BYTES = 4;
    private static final int FILE_BYTES = 40;

    /** The file's name, for example {@code queue-00000000000000000007.run}. */
    public String name() {
        return name(kind, number);
    }

    /**
     * Files of one kind as bytes: {@code count 4}, then per file {@code number 8, minLogOffset 8, maxLogOffset 8, entries 8,
     * bytes 8}, big-endian.
     *
     * @param files oldest first
     * @param head goes before them
     * @return for {@link #read}
     */
    public static byte[] write(List<RunFile> files, byte... head) {
        ByteBuffer out = ByteBuffer.allocate(head.length + COUNT_BYTES + files.size() * FILE_BYTES);
        out.put(head).putInt(files.size());
        for (RunFile file : files) {
            out.putLong(file.number()).putLong(file.minLogOffset()).putLong(file.maxLogOffset());
            out.putLong(file.entries()).putLong(file.bytes());
        }
        return out.array();
    }

    /**
     * Files of one kind from bytes.
     *
     * @param in as {@link #write} made them, up to the end
     * @param kind theirs
     * @return oldest first
     * @throws IllegalArgumentException if it holds something else
     */
    public static List<RunFile> read(ByteBuffer in, RunKind kind) {
        int count = in.remaining() < COUNT_BYTES ? -1 : in.getInt();
        if (count < 0 || in.remaining() != (long) count * FILE_BYTES) {
            throw new IllegalArgumentException(
                    count + " files of kind " + kind.word() + " cannot have " + in.remaining() + " bytes");
        }
        List<RunFile> files = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            files.add(new RunFile(kind, in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong()));
        }
        return files;
    }

    static String name(RunKind kind, long number) {
        return kind.word() + "-" + FileNames.digits(number) + ".run";
    }
}
