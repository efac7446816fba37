package org.merlinmq.broker.pull;

import org.merlinmq.broker.filter.FoundProperties;
import org.merlinmq.broker.filter.RecordFilter;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.queue.EntrySlice;

/**
 * Gathers the records that a filter takes which has to see them. One per event loop, filled anew for each answer.
 *
 * <p>What one call looks at is bounded in entries and in work, so that the loop goes on with other connections however few
 * of the messages a filter takes.
 *
 * <p>Threading: its loop.
 */
final class MatchingRecords {
    /** Entries looked at in one call. */
    static final int MAX_ENTRIES = 800;

    /**
     * Bytes of records read in one call. For each comparison of the filter the properties, or so many bytes, count once
     * more.
     */
    static final int MAX_BYTES = 2 << 20;

    private static final int LEAST_COMPARED_BYTES = 32;

    /** Entries taken from a queue at a time. */
    private static final int SLICE_ENTRIES = 64;

    /**
     * So many where the answer before passed over as many: the reader then sees that the records of an answer lie further apart
     * than its windows reach, and does not read what lies between for nobody.
     */
    private static final int LONG_SLICE_ENTRIES = 200;

    /** Room that is kept between answers. */
    private static final int KEPT_BYTES = 1 << 20;

    private final RecordReader records;
    private final EntrySlice scanned = new EntrySlice(LONG_SLICE_ENTRIES);
    private final RecordView record = new RecordView();
    private final FoundProperties properties = new FoundProperties();
    private ByteWriter matching = new ByteWriter();
    private long firstLogOffset;
    private long lookedFrom;
    private long lookedTo;

    MatchingRecords(RecordReader records) {
        this.records = records;
        scanned.filtered = true;
    }

    /** The records, one right behind the other as they lie in the log. */
    ByteWriter bytes() {
        return matching;
    }

    /** Where the first of them lies; of the last gathering that found any. */
    long firstLogOffset() {
        return firstLogOffset;
    }

    /** Behind the last entry that was looked at. */
    long lookedTo() {
        return lookedTo;
    }

    /**
     * Gathers records from an offset on, up to one that the disk cannot read.
     *
     * @param target where they are
     * @param filter takes them
     * @param from the first entry to look at
     * @param maxMessages how many may be gathered
     * @param maxBytes most bytes, beyond the first record
     * @return how many there are
     * @throws DiskException if the first record cannot be read
     */
    int gather(PullTarget target, RecordFilter filter, long from, int maxMessages, int maxBytes) {
        if (matching.array().length > KEPT_BYTES) {
            matching = new ByteWriter();
        }
        matching.clear();
        int slice = lookedTo - lookedFrom >= LONG_SLICE_ENTRIES ? LONG_SLICE_ENTRIES : SLICE_ENTRIES;
        lookedFrom = from;
        lookedTo = from;
        int messages = 0;
        int work = 0;
        while (lookedTo - from < MAX_ENTRIES) {
            int n = target.queue().read(lookedTo, slice, scanned);
            for (int i = 0; i < n; i++, lookedTo++) {
                int size = scanned.size[i];
                if (messages == maxMessages || work > MAX_BYTES) {
                    return messages;
                }
                if (size == 0 || !filter.mayMatch(scanned.tagsCode[i])) {
                    continue;
                }
                if (messages > 0 && matching.length() + size > maxBytes) {
                    return messages;
                }
                try {
                    messages += takes(filter, i) ? 1 : 0;
                } catch (DiskException unread) {
                    if (lookedTo > from) {
                        return messages;
                    }
                    throw unread;
                }
                work += size + filter.comparisons() * Math.max(LEAST_COMPARED_BYTES, record.propertiesBytes());
            }
            if (n == 0 || messages == maxMessages) {
                break;
            }
        }
        return messages;
    }

    /** Reads the record of an entry, and keeps it if it is what was written and the filter takes it. */
    private boolean takes(RecordFilter filter, int i) {
        int at = matching.length();
        int size = scanned.size[i];
        matching.ensure(size);
        if (records.read(scanned, i, matching.array(), at) != RecordReader.READ_OK
                || !record.on(matching.array(), at, size)
                || !filter.matches(record, properties)) {
            return false;
        }
        if (at == 0) {
            firstLogOffset = scanned.logOffset[i];
        }
        matching.advance(size);
        return true;
    }
}
