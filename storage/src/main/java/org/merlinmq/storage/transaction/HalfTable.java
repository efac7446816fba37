package org.merlinmq.storage.transaction;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row for each half message that is open, or was decided a while ago, in chunks in the order of the log. No object is kept
 * for one.
 *
 * <p>A row is found first, and then read and changed: {@link #find} and its like note it.
 *
 * <p>Threading: guarded by the lock of {@link OpenHalves}.
 */
final class HalfTable {
    private List<HalfChunk> chunks = new ArrayList<>();
    private @Nullable HalfChunk found;
    private int foundRow;
    private long open;
    private long decidedRows;

    void clear() {
        chunks.clear();
        found = null;
        open = 0;
        decidedRows = 0;
    }

    /** How many are open. */
    long open() {
        return open;
    }

    /** How many rows are kept of those that were decided. */
    long decidedRows() {
        return decidedRows;
    }

    int chunkCount() {
        return chunks.size();
    }

    HalfChunk chunk(int i) {
        return chunks.get(i);
    }

    /** Adds an open one, whose record lies behind all others. */
    void add(OpenHalf half) {
        HalfChunk last = chunks.isEmpty() ? null : chunks.getLast();
        if (last == null || last.isFull()) {
            last = new HalfChunk();
            chunks.add(last);
        }
        last.add(half);
        open++;
    }

    /** Finds the row of a record, open or not. */
    boolean find(long logOffset) {
        HalfChunk chunk = chunkOf(logOffset, false);
        return chunk != null && note(chunk, chunk.row(logOffset));
    }

    boolean findInQueue(long queueOffset) {
        HalfChunk chunk = chunkOf(queueOffset, true);
        return chunk != null && note(chunk, chunk.rowInQueue(queueOffset));
    }

    /** Finds an open row by its record's place, or by that of its first record. */
    boolean findOpen(long logOffset) {
        if (find(logOffset) && foundChunk().isOpen(foundRow)) {
            return true;
        }
        for (HalfChunk chunk : chunks) {
            if (note(chunk, chunk.rowOfMoved(logOffset))) {
                return true;
            }
        }
        return false;
    }

    private boolean note(HalfChunk chunk, int row) {
        found = chunk;
        foundRow = row;
        return row >= 0;
    }

    /** The last chunk that begins at an offset or before. Most are asked for soon after they came, so it looks there first. */
    private @Nullable HalfChunk chunkOf(long offset, boolean inQueue) {
        int low = 0;
        int high = chunks.size() - 1;
        for (int recent = high; recent >= Math.max(0, high - 1); recent--) {
            if (first(recent, inQueue) <= offset) {
                return chunks.get(recent);
            }
        }
        high -= 2;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (first(middle, inQueue) <= offset) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high < 0 ? null : chunks.get(high);
    }

    private long first(int i, boolean inQueue) {
        HalfChunk chunk = chunks.get(i);
        return inQueue ? chunk.firstRowQueueOffset() : chunk.firstRowLogOffset();
    }

    /** The chunk of the row that was found last. */
    HalfChunk foundChunk() {
        HalfChunk chunk = found;
        if (chunk == null) {
            throw new IllegalStateException("nothing was found");
        }
        return chunk;
    }

    /** The row that was found last, in its chunk. */
    int foundRow() {
        return foundRow;
    }

    /** Closes the row that was found last; returns when it would have been checked, -1 if it was closed. */
    long close(long byLogOffset) {
        HalfChunk chunk = foundChunk();
        if (!chunk.isOpen(foundRow)) {
            return -1;
        }
        open--;
        decidedRows++;
        return chunk.decide(foundRow, byLogOffset);
    }

    List<OpenHalf> list(long fromLogOffset, int max) {
        List<OpenHalf> page = new ArrayList<>();
        HalfChunk first = chunkOf(fromLogOffset, false);
        int from = first == null ? 0 : chunks.indexOf(first);
        for (int c = from; c < chunks.size() && page.size() < max; c++) {
            HalfChunk chunk = chunks.get(c);
            for (int row = 0; chunk.open() > 0 && row < chunk.count() && page.size() < max; row++) {
                if (chunk.isOpen(row) && chunk.logOffset(row) >= fromLogOffset) {
                    page.add(chunk.half(row));
                }
            }
        }
        return page;
    }

    /** When the first one may be due; {@link Long#MAX_VALUE} if none is open. */
    long earliestMillis() {
        long earliest = Long.MAX_VALUE;
        for (HalfChunk chunk : chunks) {
            earliest = Math.min(earliest, chunk.open() == 0 ? Long.MAX_VALUE : chunk.earliestMillis());
        }
        return earliest;
    }

    /** Forgets what was decided below an offset; chunks of which little is left are joined. */
    void forget(long upTo) {
        List<HalfChunk> kept = new ArrayList<>();
        HalfChunk joined = null;
        decidedRows = 0;
        for (HalfChunk chunk : chunks) {
            int needed = chunk.open() == chunk.count() ? chunk.count() : chunk.needed(upTo);
            if (needed > HalfChunk.MAX_ROWS / 2) {
                kept.add(chunk);
                joined = null;
            } else if (needed > 0) {
                if (joined == null || joined.count() + needed > HalfChunk.MAX_ROWS) {
                    joined = new HalfChunk();
                    kept.add(joined);
                }
                chunk.copyNeeded(upTo, joined);
            }
        }
        for (HalfChunk chunk : kept) {
            decidedRows += chunk.count() - chunk.open();
        }
        chunks = kept;
        found = null;
    }

    /** Closes those whose records lie below an offset; returns how many. */
    int dropBelow(long minLogOffset) {
        int dropped = 0;
        for (HalfChunk chunk : chunks) {
            dropped += chunk.dropBelow(minLogOffset);
        }
        open -= dropped;
        return dropped;
    }
}
