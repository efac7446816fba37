package org.merlinmq.storage.run;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;

/**
 * Writes one run from entries that come in order. Nothing of it counts before {@link #finish} has returned.
 *
 * <p>Threading: owned by one thread.
 */
@SuppressWarnings("ByteBufferBackingArray") // all are allocated here, on the heap
public final class RunWriter implements AutoCloseable {

    private static final int BUFFER_BLOCKS = 16;

    private final Disk disk;
    private final Path folder;
    private final Path path;
    private final RunKind kind;
    private final long number;
    private final DiskFile file;
    private final int blockBytes;
    private final ByteBuffer buffer;
    private final CRC32C crc = new CRC32C();

    private long position = RunFormat.HEADER_BYTES;
    private long entries;
    private long minLogOffset = Long.MAX_VALUE;
    private long maxLogOffset = -1;
    private int[] blockCrc = new int[64];
    private int blockCount;
    private byte[] directory = new byte[0];
    private int directoryBytes;
    private boolean finished;

    RunWriter(Disk disk, Path folder, RunKind kind, long number) {
        this.disk = disk;
        this.folder = folder;
        this.kind = kind;
        this.number = number;
        path = folder.resolve(RunFile.name(kind, number));
        blockBytes = RunFormat.BLOCK_ENTRIES * kind.entryBytes();
        buffer = ByteBuffer.allocate(blockBytes * BUFFER_BLOCKS);
        file = disk.create(path);
        try {
            writeHeader();
        } catch (DiskException e) {
            close();
            throw e;
        }
    }

    private void writeHeader() {
        ByteBuffer header = start(RunFormat.HEADER_BYTES);
        header.putInt(RunFormat.HEADER_ENTRY_BYTES_AT, kind.entryBytes());
        header.putInt(RunFormat.HEADER_BLOCK_ENTRIES_AT, RunFormat.BLOCK_ENTRIES);
        seal(header);
        file.write(0, header.array(), 0, RunFormat.HEADER_BYTES);
    }

    private ByteBuffer start(int bytes) {
        ByteBuffer out = ByteBuffer.allocate(bytes);
        out.putLong(RunFormat.MAGIC_AT, RunFormat.MAGIC);
        out.putInt(RunFormat.VERSION_AT, RunFormat.VERSION);
        out.putInt(RunFormat.KIND_AT, kind.code());
        out.putLong(RunFormat.NUMBER_AT, number);
        return out;
    }

    private void seal(ByteBuffer out) {
        out.putInt(RunFormat.CRC_AT, crcOf(out.array(), 0, RunFormat.CRC_AT));
    }

    private int crcOf(byte[] bytes, int at, int count) {
        crc.reset();
        crc.update(bytes, at, count);
        return (int) crc.getValue();
    }

    /**
     * Adds an entry of a key or timer run.
     *
     * @param key what the run is sorted by
     * @param value sorts entries of one key
     * @param logOffset of the record, for the run's range
     */
    public void pair(long key, long value, long logOffset) {
        buffer.putLong(key).putLong(value);
        added(logOffset);
    }

    /**
     * Adds many entries of a key run, whose values are log offsets.
     *
     * @param pairs keys and values side by side, sorted
     * @param count how many pairs
     */
    public void keys(long[] pairs, int count) {
        long min = minLogOffset;
        long max = maxLogOffset;
        for (int i = 0; i < count; i++) {
            min = Math.min(min, pairs[2 * i + 1]);
            max = Math.max(max, pairs[2 * i + 1]);
        }
        minLogOffset = min;
        maxLogOffset = max;
        for (int done = 0, some; done < count; done += some) {
            some = Math.min(count - done, buffer.remaining() / RunKind.PAIR_BYTES);
            buffer.asLongBuffer().put(pairs, 2 * done, 2 * some);
            buffer.position(buffer.position() + some * RunKind.PAIR_BYTES);
            writeIfFull();
        }
        entries += count;
    }

    /**
     * Adds an entry of a queue run.
     *
     * @param logOffset where the record begins
     * @param sizeAndCrc size in the upper half, CRC32C in the lower
     * @param tagsCode hash of the tag
     */
    public void queueEntry(long logOffset, long sizeAndCrc, long tagsCode) {
        buffer.putLong(logOffset).putLong(sizeAndCrc).putLong(tagsCode);
        added(logOffset);
    }

    /**
     * Adds entries of one queue as they lie in another run.
     *
     * @param from the other run
     * @param firstEntry the first one's number there
     * @param count how many, 1 at least
     */
    public void queueEntries(Run from, long firstEntry, int count) {
        int done = 0;
        while (done < count) {
            int some = Math.min(count - done, buffer.remaining() / kind.entryBytes());
            from.copy(firstEntry + done, some, buffer.array(), buffer.position());
            buffer.position(buffer.position() + some * kind.entryBytes());
            done += some;
            writeIfFull();
        }
        entries += count;
        covers(from.field(firstEntry, 0));
        covers(from.field(firstEntry + count - 1, 0));
    }

    private void added(long logOffset) {
        covers(logOffset);
        entries++;
        writeIfFull();
    }

    private void covers(long logOffset) {
        minLogOffset = Math.min(minLogOffset, logOffset);
        maxLogOffset = Math.max(maxLogOffset, logOffset);
    }

    private void writeIfFull() {
        if (!buffer.hasRemaining()) {
            writeBuffer();
        }
    }

    /**
     * Adds a line to a queue run's directory, after its entries. Lines come in order of handle and offset.
     *
     * @param handle the queue
     * @param firstOffset queue offset of the first entry
     * @param count entries, all consecutive; 0 to remember only where the queue goes on
     * @param lastLogOffset log offset of the last entry
     */
    public void directory(int handle, long firstOffset, int count, long lastLogOffset) {
        if (directoryBytes == directory.length) {
            directory = Arrays.copyOf(directory, Math.max(64 * RunFormat.DIRECTORY_ENTRY_BYTES, directoryBytes * 2));
        }
        ByteBuffer.wrap(directory, directoryBytes, RunFormat.DIRECTORY_ENTRY_BYTES)
                .putInt(handle)
                .putInt(count)
                .putLong(firstOffset)
                .putLong(entries - count)
                .putLong(lastLogOffset);
        directoryBytes += RunFormat.DIRECTORY_ENTRY_BYTES;
        covers(lastLogOffset);
    }

    /** How many entries were added so far. */
    public long entries() {
        return entries;
    }

    boolean isEmpty() {
        return entries == 0 && directoryBytes == 0;
    }

    private void writeBuffer() {
        int bytes = buffer.position();
        for (int at = 0; at < bytes; at += blockBytes) {
            if (blockCount == blockCrc.length) {
                blockCrc = Arrays.copyOf(blockCrc, blockCount * 2);
            }
            blockCrc[blockCount++] = crcOf(buffer.array(), at, Math.min(blockBytes, bytes - at));
        }
        file.write(position, buffer.array(), 0, bytes);
        position += bytes;
        buffer.clear();
    }

    /**
     * Completes the run and makes it durable, its name included.
     *
     * @return the file; its log range is empty ({@code max < min}) if nothing was added
     */
    public RunFile finish() {
        writeBuffer();
        ByteBuffer table = ByteBuffer.allocate(blockCount * Integer.BYTES);
        for (int i = 0; i < blockCount; i++) {
            table.putInt(blockCrc[i]);
        }
        file.write(position, directory, 0, directoryBytes);
        file.write(position + directoryBytes, table.array(), 0, table.capacity());
        crc.reset();
        crc.update(directory, 0, directoryBytes);
        crc.update(table.array());
        ByteBuffer footer = start(RunFormat.FOOTER_BYTES);
        footer.putLong(RunFormat.FOOTER_ENTRIES_AT, entries);
        footer.putLong(RunFormat.FOOTER_DIRECTORY_COUNT_AT, directoryBytes / RunFormat.DIRECTORY_ENTRY_BYTES);
        footer.putLong(RunFormat.FOOTER_MIN_LOG_OFFSET_AT, minLogOffset);
        footer.putLong(RunFormat.FOOTER_MAX_LOG_OFFSET_AT, maxLogOffset);
        footer.putInt(RunFormat.FOOTER_TABLES_CRC_AT, (int) crc.getValue());
        seal(footer);
        long footerAt = position + directoryBytes + table.capacity();
        file.write(footerAt, footer.array(), 0, RunFormat.FOOTER_BYTES);
        file.force();
        disk.forceFolder(folder);
        finished = true;
        return new RunFile(kind, number, minLogOffset, maxLogOffset, entries, footerAt + RunFormat.FOOTER_BYTES);
    }

    /** Closes the file, and deletes it if it was not finished. */
    @Override
    public void close() {
        file.close();
        if (!finished) {
            disk.delete(path);
        }
    }
}
