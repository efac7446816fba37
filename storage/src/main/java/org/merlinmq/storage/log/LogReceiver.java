package org.merlinmq.storage.log;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.index.PublishedRecords;

/**
 * Lets a log follow another one: takes that one's bytes at the offsets they have there, and publishes their records live,
 * as if they had been appended here. While it is open the log takes no appends of its own.
 *
 * <p>Bytes may be cut anywhere. Records are written and published when they are whole: a sync between two parts of one could
 * leave a sector on the disk with the first part, and a loss of power the sectors behind it, which a checksum of the body alone
 * takes for a record. After a crash the log ends at its last whole record, and goes on from there.
 *
 * <p>Threading: one thread at a time. Readers are as safe as beside appends.
 *
 * <p>Errors: a failed write poisons the log, as that of an append does.
 */
public final class LogReceiver implements AutoCloseable {
    private final CommitLog log;
    private final RecordRule rule;
    private final Consumer<PublishedRecords> published;
    private final RecordView view = new RecordView();
    private final RecordFacts facts = new RecordFacts();
    private final PublishedRecords records = new PublishedRecords();
    private final CRC32C checksum = new CRC32C();

    /** What is received and not written: {@code length} bytes from the log offset {@code publishedEnd} on. */
    private byte[] pending = new byte[64 << 10];

    private int length;
    private long publishedEnd;
    private long lastStoreMillis;

    LogReceiver(CommitLog log, RecordRule rule, Consumer<PublishedRecords> published) {
        this.log = log;
        this.rule = rule;
        this.published = published;
        this.publishedEnd = log.beginReceiving();
    }

    /**
     * Where the next bytes belong.
     *
     * @return a log offset: all below it was received
     */
    public long end() {
        return publishedEnd + length;
    }

    /**
     * Takes bytes.
     *
     * @param logOffset where they belong: {@link #end}
     * @param bytes holds them
     * @param at the first
     * @param count how many
     * @throws BrokenLogException if they are no records of the log. What was whole before is published; {@link #end} says
     *     where to go on
     * @throws DiskException if they cannot be written; on a full disk they may be received again later
     */
    public void append(long logOffset, byte[] bytes, int at, int count) {
        if (logOffset != end()) {
            throw new IllegalArgumentException(
                    "expected the bytes at log offset " + end() + ", got those at " + logOffset);
        }
        if (pending.length - length < count) {
            pending = Arrays.copyOf(pending, Math.max(pending.length * 2, length + count));
        }
        System.arraycopy(bytes, at, pending, length, count);
        length += count;
        try {
            publish();
        } catch (DiskException unwritten) {
            length -= count;
            throw unwritten;
        }
    }

    private void publish() {
        records.clear();
        int whole = 0;
        try {
            for (int next = behind(0); next >= 0; next = behind(next)) {
                whole = next;
            }
        } catch (BrokenLogException broken) {
            publish(whole);
            length = 0;
            throw broken;
        }
        publish(whole);
    }

    private void publish(int whole) {
        if (whole == 0) {
            return;
        }
        log.writeReceived(publishedEnd, pending, whole);
        records.bytes(pending);
        log.publishReceived(records, publishedEnd + whole, lastStoreMillis);
        published.accept(records);
        publishedEnd += whole;
        length -= whole;
        System.arraycopy(pending, whole, pending, 0, length);
    }

    /** Takes up the record, or the closed end of a segment, at an index; returns the index behind it, or -1 if it is cut. */
    private int behind(int at) {
        long logOffset = publishedEnd + at;
        long room = log.segmentEnd(logOffset) - logOffset;
        int have = length - at;
        if (room < CommitLog.BLANK_BYTES) {
            return have < room ? -1 : at + (int) room;
        }
        if (have < CommitLog.BLANK_BYTES) {
            return -1;
        }
        int size = Bytes.getInt(pending, at);
        int magic = Bytes.getInt(pending, at + RecordLayout.MAGIC_AT);
        if (magic == RecordLayout.MAGIC_BLANK && size == room) {
            return have < room ? -1 : at + size;
        }
        boolean possible = (magic == RecordLayout.MAGIC_V1 || magic == RecordLayout.MAGIC_V2)
                && size >= RecordLayout.MIN_BYTES
                && size <= Math.min(room - CommitLog.BLANK_BYTES, LogScan.MAX_RECORD_BYTES);
        if (!possible) {
            throw new BrokenLogException(logOffset, "size " + size + " and magic " + Integer.toHexString(magic));
        }
        if (have < size) {
            return -1;
        }
        add(at, size, logOffset);
        return at + size;
    }

    private void add(int at, int size, long logOffset) {
        boolean sound = view.on(pending, at, size)
                && view.totalBytes() == size
                && view.logOffset() == logOffset
                && view.queueOffset() >= 0
                && view.bodyCrcMatches();
        if (!sound) {
            throw new BrokenLogException(logOffset, "its fields or its checksum do not fit");
        }
        checksum.reset();
        checksum.update(pending, at, size);
        int row = records.add(null, at, size, facts.read(view, rule));
        records.placeAt(row, logOffset);
        records.numberAs(row, view.queueOffset());
        records.sealAs(row, (int) checksum.getValue());
        lastStoreMillis = Math.max(lastStoreMillis, view.storeMillis());
    }

    /** Ends following: the log takes appends again, right behind the last whole record. */
    @Override
    public void close() {
        log.endReceiving();
        length = 0;
    }
}
