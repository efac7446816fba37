package org.merlinmq.storage.run;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.platform.disk.Mapping;

/**
 * One sorted file, mapped for reading. Header, footer and tables are checked when it is opened, each block of entries
 * when it is first read.
 *
 * <p>Threading: any thread, between {@link #acquire} and {@link #release}; the mapping is closed when the run was
 * retired and the last reader has left.
 *
 * <p>Errors: {@link DamagedRunException} for bytes that are not what was written.
 */
public final class Run implements PairSource {
    /** What the system maps around a page that is read. */
    private static final int TOUCHED_BYTES = 64 * 1024;

    /** So much may be mapped at a time; then all pages are given back. */
    private static final int MAPPED_BYTES = 2 * 1024 * 1024;

    private final RunFile file;
    private final Path path;
    private final @Nullable Mapping mapping;
    private final MemorySegment bytes;
    private final long entries;
    private final int entryBytes;
    private final long directoryAt;
    private final int directoryCount;
    private final long tableAt;
    private final AtomicLongArray checkedBlocks;

    // Written by any reader, without order: an estimate of what is mapped.
    private long lastBlock = -1;
    private int mappedBytes;

    /** Readers inside, plus one until retired; 0 once closed. */
    private final AtomicInteger holders = new AtomicInteger(1);

    /** Without a mapping it has no entries: it keeps the place of a damaged run until that is rebuilt. */
    private Run(RunFile file, Path path, @Nullable Mapping mapping) {
        this.file = file;
        this.path = path;
        this.mapping = mapping;
        bytes = mapping == null ? MemorySegment.NULL : mapping.bytes();
        entries = mapping == null ? 0 : file.entries();
        entryBytes = file.kind().entryBytes();
        directoryAt = RunFormat.HEADER_BYTES + file.entries() * entryBytes;
        tableAt = file.bytes() - RunFormat.FOOTER_BYTES - RunFormat.blocks(file.entries()) * Integer.BYTES;
        directoryCount = mapping == null ? 0 : (int) ((tableAt - directoryAt) / RunFormat.DIRECTORY_ENTRY_BYTES);
        checkedBlocks = new AtomicLongArray((int) ((RunFormat.blocks(entries) + 63) / 64));
    }

    static Run placeOf(Path folder, RunFile file) {
        return new Run(file, folder.resolve(file.name()), null);
    }

    static Run open(Disk disk, Path folder, RunFile file) {
        Path path = folder.resolve(file.name());
        if (!disk.exists(path)) {
            throw new DamagedRunException(new Damage(path, 0, "the file is missing"));
        }
        try (DiskFile opened = disk.openRead(path)) {
            if (opened.size() != file.bytes()) {
                throw new DamagedRunException(
                        new Damage(path, opened.size(), "expected " + file.bytes() + " bytes, found " + opened.size()));
            }
            Run run = new Run(file, path, opened.map(0, file.bytes()));
            try {
                run.check();
            } catch (DamagedRunException e) {
                run.retire();
                throw e;
            }
            return run;
        }
    }

    private void check() {
        checkEnd(0);
        expect(RunFormat.HEADER_ENTRY_BYTES_AT, getInt(RunFormat.HEADER_ENTRY_BYTES_AT), entryBytes);
        expect(RunFormat.HEADER_BLOCK_ENTRIES_AT, getInt(RunFormat.HEADER_BLOCK_ENTRIES_AT), RunFormat.BLOCK_ENTRIES);
        long footer = file.bytes() - RunFormat.FOOTER_BYTES;
        checkEnd(footer);
        expectLong(footer + RunFormat.FOOTER_ENTRIES_AT, file.entries());
        expectLong(footer + RunFormat.FOOTER_DIRECTORY_COUNT_AT, directoryCount);
        expectLong(footer + RunFormat.FOOTER_MIN_LOG_OFFSET_AT, file.minLogOffset());
        expectLong(footer + RunFormat.FOOTER_MAX_LOG_OFFSET_AT, file.maxLogOffset());
        int tables = crcOf(directoryAt, footer - directoryAt);
        expect(directoryAt, tables, getInt(footer + RunFormat.FOOTER_TABLES_CRC_AT));
    }

    private void checkEnd(long at) {
        expectLong(at + RunFormat.MAGIC_AT, RunFormat.MAGIC);
        expect(at + RunFormat.CRC_AT, crcOf(at, RunFormat.CRC_AT), getInt(at + RunFormat.CRC_AT));
        expect(at + RunFormat.VERSION_AT, getInt(at + RunFormat.VERSION_AT), RunFormat.VERSION);
        expect(
                at + RunFormat.KIND_AT,
                getInt(at + RunFormat.KIND_AT),
                file.kind().code());
        expectLong(at + RunFormat.NUMBER_AT, file.number());
    }

    private void expectLong(long at, long expected) {
        expect(at, getLong(at), expected);
    }

    private void expect(long at, long found, long expected) {
        if (found != expected) {
            throw new DamagedRunException(new Damage(path, at, "expected " + expected + ", found " + found));
        }
    }

    private int crcOf(long at, long count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.asSlice(at, count).asByteBuffer());
        return (int) crc.getValue();
    }

    private int getInt(long at) {
        return bytes.get(RunFormat.INT, at);
    }

    private long getLong(long at) {
        return bytes.get(RunFormat.LONG, at);
    }

    /** What the checkpoint says of it. */
    public RunFile file() {
        return file;
    }

    /** Where it lies. */
    public Path path() {
        return path;
    }

    /**
     * Enters the run, to read.
     *
     * @return false if it was closed: look for its successor
     */
    public boolean acquire() {
        for (int now = holders.get(); now > 0; now = holders.get()) {
            if (holders.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Leaves the run. */
    public void release() {
        if (holders.decrementAndGet() == 0 && mapping != null) {
            mapping.close();
        }
    }

    /** Gives up the owner's own hold; once only. */
    void retire() {
        release();
    }

    @Override
    public long entries() {
        return entries;
    }

    /**
     * One of an entry's longs. Its block is checked first, once.
     *
     * @param entry from 0
     * @param field 0, 1 or, in queue runs, 2
     * @return the value
     */
    @Override
    public long field(long entry, int field) {
        checkBlock(entry / RunFormat.BLOCK_ENTRIES);
        return getLong(RunFormat.HEADER_BYTES + entry * entryBytes + field * (long) Long.BYTES);
    }

    /** {@inheritDoc} Their blocks are checked first, once. */
    @Override
    public void copy(long entry, int count, long[] to) {
        checkBlocks(entry, count);
        long at = RunFormat.HEADER_BYTES + entry * entryBytes;
        int longs = count * (entryBytes / Long.BYTES);
        // In the machine's order first: the JDK's own copy turns each number by a call of the virtual machine.
        MemorySegment.copy(bytes, ValueLayout.JAVA_LONG_UNALIGNED, at, to, 0, longs);
        if (!RunFormat.LONG.order().equals(ByteOrder.nativeOrder())) {
            for (int i = 0; i < longs; i++) {
                to[i] = Long.reverseBytes(to[i]);
            }
        }
    }

    /** Copies entries as they lie in the file. Their blocks are checked first, once. */
    void copy(long entry, int count, byte[] to, int at) {
        checkBlocks(entry, count);
        MemorySegment.copy(
                bytes, ValueLayout.JAVA_BYTE, RunFormat.HEADER_BYTES + entry * entryBytes, to, at, count * entryBytes);
    }

    private void checkBlocks(long entry, int count) {
        for (long block = entry / RunFormat.BLOCK_ENTRIES; block * RunFormat.BLOCK_ENTRIES < entry + count; block++) {
            checkBlock(block);
        }
    }

    /**
     * Counts the entries from one on that share its block, and so its checksum.
     *
     * @param entry from 0
     * @return 1 at least, as if the last block were whole
     */
    public int leftInBlock(long entry) {
        return RunFormat.BLOCK_ENTRIES - (int) (entry % RunFormat.BLOCK_ENTRIES);
    }

    /** Checks all blocks, for a reader that will see all of them and could not stop half-way. */
    void checkBlocks() {
        for (long entry = 0; entry < entries; entry += RunFormat.BLOCK_ENTRIES) {
            checkBlock(entry / RunFormat.BLOCK_ENTRIES);
        }
    }

    private void checkBlock(long block) {
        if (block != lastBlock) {
            touch(block);
        }
        int word = (int) (block >>> 6);
        long bit = 1L << block;
        if ((checkedBlocks.getAcquire(word) & bit) == 0) {
            long at = RunFormat.HEADER_BYTES + block * RunFormat.BLOCK_ENTRIES * entryBytes;
            long end = Math.min(at + (long) RunFormat.BLOCK_ENTRIES * entryBytes, directoryAt);
            int expected = getInt(tableAt + block * Integer.BYTES);
            int found = crcOf(at, end - at);
            if (found != expected) {
                throw new DamagedRunException(new Damage(
                        path, at, "expected CRC32C %08x of the block, found %08x".formatted(expected, found)));
            }
            checkedBlocks.getAndAccumulate(word, bit, (was, more) -> was | more);
        }
    }

    private void touch(long block) {
        mappedBytes += block == lastBlock + 1 ? RunFormat.BLOCK_ENTRIES * entryBytes : TOUCHED_BYTES;
        lastBlock = block;
        if (mappedBytes > MAPPED_BYTES && mapping != null) {
            mappedBytes = 0;
            mapping.giveBack();
        }
    }

    /** How many lines a queue run's directory has. */
    public int directoryCount() {
        return directoryCount;
    }

    private long line(int index) {
        return directoryAt + (long) index * RunFormat.DIRECTORY_ENTRY_BYTES;
    }

    /**
     * Of a line of the directory.
     *
     * @param index the line
     * @return the queue
     */
    public int handle(int index) {
        return getInt(line(index) + RunFormat.DIRECTORY_HANDLE_AT);
    }

    /**
     * Of a line of the directory.
     *
     * @param index the line
     * @return how many entries it has; 0 if it only remembers where the queue goes on
     */
    public int count(int index) {
        return getInt(line(index) + RunFormat.DIRECTORY_COUNT_AT);
    }

    /**
     * Of a line of the directory.
     *
     * @param index the line
     * @return queue offset of its first entry
     */
    public long firstOffset(int index) {
        return getLong(line(index) + RunFormat.DIRECTORY_FIRST_OFFSET_AT);
    }

    /**
     * Of a line of the directory.
     *
     * @param index the line
     * @return its first entry's number in the run
     */
    public long firstEntry(int index) {
        return getLong(line(index) + RunFormat.DIRECTORY_FIRST_ENTRY_AT);
    }

    /**
     * Of a line of the directory.
     *
     * @param index the line
     * @return log offset of its last entry
     */
    public long lastLogOffset(int index) {
        return getLong(line(index) + RunFormat.DIRECTORY_LAST_LOG_OFFSET_AT);
    }

    /**
     * Finds the last line at or before a queue's offset.
     *
     * @param handle the queue
     * @param queueOffset the offset
     * @return the line; -1 if all lines are behind
     */
    public int floorLine(int handle, long queueOffset) {
        int low = -1;
        int high = directoryCount - 1;
        while (low < high) {
            int mid = (low + high + 1) >>> 1;
            int at = handle(mid);
            if (at < handle || (at == handle && firstOffset(mid) <= queueOffset)) {
                low = mid;
            } else {
                high = mid - 1;
            }
        }
        return low;
    }
}
