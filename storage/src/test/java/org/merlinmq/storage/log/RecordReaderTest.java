package org.merlinmq.storage.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.platform.disk.DiskFile;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimDisk;

/** Reading many records with few calls of the disk, and what the disk may do meanwhile. */
final class RecordReaderTest {
    private static final Path FOLDER = Path.of("/store");
    private static final int SEGMENT = 4 << 20;
    private static final int QUEUES = 4;

    private long published;

    private final SimDisk disk = new SimDisk();
    private final Segments segments = segments();
    private final LogReader log = new LogReader(disk, segments, () -> published, () -> 0);
    private final RecordReader reader = log.records();
    private final List<byte[]> records = new ArrayList<>();
    private final EntrySlice entries = new EntrySlice(10_000);
    private final byte[] to = new byte[2 << 20];

    private Segments segments() {
        disk.createFolders(FOLDER);
        return new Segments(disk, FOLDER, SEGMENT, List.of());
    }

    /** Writes a record behind the last one, in the next segment if this one has no room for it. */
    private void append(byte[] record) {
        long room = SEGMENT - published % SEGMENT;
        long at = record.length <= room ? published : published + room;
        segments.ensure(at - at % SEGMENT).write(at, record, 0, record.length);
        published = at + record.length;
        records.add(record);
        entries.add(at, record.length, crc(record), 0);
    }

    private void append(RandomGenerator random, int count, int maxBytes) {
        for (int i = 0; i < count; i++) {
            byte[] record = new byte[1 + random.nextInt(maxBytes)];
            random.nextBytes(record);
            append(record);
        }
    }

    private static int crc(byte[] record) {
        CRC32C crc = new CRC32C();
        crc.update(record, 0, record.length);
        return (int) crc.getValue();
    }

    /** The entries of one of the queues that share the log in turn. */
    private EntrySlice queue(int queueId, int from, int count) {
        EntrySlice queue = new EntrySlice(count);
        for (int i = 0; i < count; i++) {
            int e = (from + i) * QUEUES + queueId;
            queue.add(entries.logOffset[e], entries.size[e], entries.crc[e], 0);
        }
        return queue;
    }

    private byte[] read(EntrySlice from, int i) {
        assertThat(reader.read(from, i, to, 3)).isEqualTo(RecordReader.READ_OK);
        return Arrays.copyOfRange(to, 3, 3 + from.size[i]);
    }

    private void failReads(SimDisk.Fault fault) {
        disk.fault((operation, path, count) -> {
            if (operation.equals("read")) {
                fault.before(operation, path, count);
            }
        });
    }

    @Test
    void recordsOfQueuesThatShareTheLogCostFewReads() {
        Seeds.forEach(1, random -> append(random, 8000, 300));
        for (int from = 0; from < 2000; from += 25) {
            for (int queueId = 0; queueId < QUEUES; queueId++) {
                EntrySlice queue = queue(queueId, from, 25);
                for (int i = 0; i < queue.count; i++) {
                    assertThat(read(queue, i)).isEqualTo(records.get((from + i) * QUEUES + queueId));
                }
            }
        }
        assertThat(published).isGreaterThan(1_000_000);
        assertThat(disk.count("read")).isLessThan(2 * published / RecordReader.WINDOW_BYTES);
        segments.close();
    }

    @Test
    void batchesOfQueuesThatShareTheLogCostFewReads() {
        int batch = 16;
        Seeds.forEach(1, random -> append(random, 8000, 600));
        for (int from = 0; from < entries.count; from += 2 * QUEUES * batch) {
            for (int queueId = 0; queueId < QUEUES; queueId++) {
                EntrySlice queue = new EntrySlice(2 * batch);
                for (int i = 0; i < 2 * batch && from + queueId * batch + (i / batch) * QUEUES * batch < 7900; i++) {
                    int e = from + queueId * batch + (i / batch) * QUEUES * batch + i % batch;
                    queue.add(entries.logOffset[e], entries.size[e], entries.crc[e], e);
                }
                for (int i = 0; i < queue.count; i++) {
                    assertThat(read(queue, i)).isEqualTo(records.get((int) queue.tagsCode[i]));
                }
            }
        }
        assertThat(published).isGreaterThan(2_000_000);
        assertThat(disk.count("read")).isLessThan(2 * published / RecordReader.WINDOW_BYTES);
        segments.close();
    }

    @Test
    void aPullThatPassesOverManyRecordsReadsItsOwnAlone() {
        Seeds.forEach(1, random -> append(random, 8000, 600));
        int wanted = 0;
        for (int from = 0; from < 6000; from += 2000) {
            for (int queueId = 0; queueId < QUEUES; queueId++) {
                EntrySlice matching = new EntrySlice(32);
                matching.filtered = true;
                for (int i = 0; i < 32; i++) {
                    int e = from + queueId * 13 + i * 60; // about 18 KB on
                    matching.add(entries.logOffset[e], entries.size[e], entries.crc[e], e);
                }
                for (int i = 0; i < matching.count; i++, wanted++) {
                    assertThat(read(matching, i)).isEqualTo(records.get((int) matching.tagsCode[i]));
                }
            }
        }
        // One for each: a call that brings more brings what is passed over.
        assertThat(disk.count("read")).isEqualTo(wanted);
        segments.close();
    }

    /** A message's record as it lies at the end of the log. */
    private byte[] message(int bodyBytes) {
        ByteWriter out = new ByteWriter();
        RecordWriter writer = new RecordWriter();
        writer.begin(out, new byte[bodyBytes], 0, bodyBytes, new byte[] {'T'}, 0, 1);
        byte[] record = Arrays.copyOf(out.array(), writer.end(out));
        long room = SEGMENT - published % SEGMENT;
        RecordLayout.place(record, 0, 0, record.length <= room ? published : published + room, 1);
        return record;
    }

    private boolean finds(long logOffset, byte[] record) {
        RecordView view = new RecordView();
        return reader.find(logOffset, view)
                && view.logOffset() == logOffset
                && Arrays.equals(Arrays.copyOf(view.bytes(), view.totalBytes()), record);
    }

    @Test
    void recordsOfAnySizeAreFoundByTheirOffsetsAlone() {
        Seeds.forEach(3, random -> {
            for (int i = 0; i < 300; i++) {
                append(message(random.nextInt(random.nextInt(20) == 0 ? 500_000 : 2_000)));
            }
            for (int step = 0; step < 200; step++) {
                int i = entries.count - 1 - random.nextInt(300);
                for (int last = Math.min(entries.count, i + random.nextInt(9)); i < last; i++) {
                    assertThat(finds(entries.logOffset[i], records.get(i))).isTrue();
                    assertThat(reader.find(entries.logOffset[i] + 1 + random.nextInt(80), new RecordView()))
                            .isFalse();
                }
            }
        });
        for (long nowhere : new long[] {-1, published - 1, published, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(reader.find(nowhere, new RecordView())).isFalse();
        }
        segments.close();
    }

    @Test
    void recordsFoundOneBehindTheOtherCostFewReads() {
        for (int i = 0; i < 4000; i++) {
            append(message(300));
        }
        for (int i = 0; i < entries.count; i += 1 + i % 3) {
            assertThat(finds(entries.logOffset[i], records.get(i))).isTrue();
        }
        assertThat(published).isGreaterThan(1_000_000);
        assertThat(disk.count("read")).isLessThan(2 * published / RecordReader.WINDOW_BYTES);
        segments.close();
    }

    @Test
    void ofRecordsThatAreFoundTheDamagedOneIsWithheld() {
        for (int i = 0; i < 9; i++) {
            append(message(300));
        }
        disk.flip(segments.at(0).path(), (entries.logOffset[7] + entries.size[7] / 2) * 8);
        for (int i = 0; i < 9; i++) {
            assertThat(finds(entries.logOffset[i], records.get(i))).isEqualTo(i != 7);
        }
        segments.ensure(SEGMENT);
        segments.dropFirst(SEGMENT);
        assertThat(finds(entries.logOffset[8], records.get(8)))
                .as("at hand, and deleted")
                .isFalse();
        segments.close();
    }

    @Test
    void aReaderAtTheEndReadsNoMoreThanTheRecord() {
        Seeds.forEach(1, random -> append(random, 100, 300));
        EntrySlice last = queue(3, 24, 1);
        read(last, 0);
        byte[] next = {1, 2, 3};
        append(next);
        EntrySlice one = new EntrySlice(1);
        one.add(entries.logOffset[100], 3, entries.crc[100], 0);
        assertThat(read(one, 0)).isEqualTo(next);
        assertThat(disk.count("read")).isEqualTo(2);
        segments.close();
    }

    @Test
    void recordsOfAnySizeAreReadWholeWhereverTheyLie() {
        Seeds.forEach(3, random -> {
            append(random, 20, 500_000);
            append(random, 100, 20_000);
            append(random, 40, 1_500_000);
            for (int step = 0; step < 500; step++) {
                int i = random.nextInt(entries.count);
                for (int last = Math.min(entries.count, i + random.nextInt(5)); i < last; i++) {
                    assertThat(read(entries, i)).isEqualTo(records.get(i));
                }
            }
        });
        segments.close();
    }

    @Test
    void ofNeighboursOnlyTheDamagedOneIsWithheld() {
        Seeds.forEach(1, random -> append(random, 20, 300));
        disk.flip(segments.at(0).path(), (entries.logOffset[7] + entries.size[7] / 2) * 8);
        for (int i = 0; i < 20; i++) {
            if (i == 7) {
                assertThat(reader.read(entries, i, to, 0)).isEqualTo(RecordReader.READ_DAMAGED);
            } else {
                assertThat(read(entries, i)).isEqualTo(records.get(i));
            }
        }
        assertThat(log.damagedReads()).isEqualTo(1);
        segments.close();
    }

    @Test
    void anEntryOfADamagedIndexLeavesNothingStaleBehind() {
        append(new byte[] {1, 2, 3});
        EntrySlice beyond = new EntrySlice(1);
        beyond.add(0, 300, 1, 0);
        assertThat(reader.read(beyond, 0, to, 0)).isEqualTo(RecordReader.READ_DAMAGED);
        append(new byte[] {4, 5, 6, 7});
        assertThat(read(entries, 1)).containsExactly(4, 5, 6, 7);
        segments.close();
    }

    @Test
    void anEntryThatPointsOutOfItsSegmentIsDamage() {
        append(new byte[] {1, 2, 3});
        EntrySlice wrong = new EntrySlice(3);
        wrong.add(SEGMENT - 2, 3, 1, 0);
        wrong.add(0, 0, 1, 0);
        wrong.add(5L * SEGMENT, 3, 1, 0);
        for (int i = 0; i < 3; i++) {
            assertThat(reader.read(wrong, i, to, 0)).isEqualTo(RecordReader.READ_DAMAGED);
        }
        segments.close();
    }

    @Test
    void aDiskThatCannotReadIsAFaultWithFileAndPosition() {
        append(new byte[] {1, 2, 3});
        append(new byte[] {4, 5});
        failReads((operation, path, count) -> {
            throw new DiskException("Input/output error", false, null);
        });
        assertThatThrownBy(() -> reader.read(entries, 1, to, 0))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("at position 3 of " + segments.at(0).path())
                .hasMessageContaining("Input/output error");
        failReads((operation, path, count) -> {});
        assertThat(read(entries, 1)).containsExactly(4, 5);
        segments.close();
    }

    @Test
    void aFileCutShortIsAFaultWithFileAndPosition() {
        append(new byte[] {1, 2, 3});
        append(new byte[] {4, 5, 6, 7});
        try (DiskFile file = disk.open(segments.at(0).path())) {
            file.truncate(5);
        }
        assertThat(read(entries, 0)).as("though it is read with its neighbour").containsExactly(1, 2, 3);
        assertThatThrownBy(() -> reader.read(entries, 1, to, 0))
                .isInstanceOf(DiskException.class)
                .hasMessageContaining("at position 3 of " + segments.at(0).path())
                .hasMessageContaining("ends after 2 of them");
        segments.close();
    }

    @Test
    void aSegmentDeletedWhileItIsReadIsGoneAndNoFault() {
        append(new byte[] {1, 2, 3});
        segments.ensure(SEGMENT);
        failReads((operation, path, count) -> segments.dropFirst(SEGMENT));
        assertThat(reader.read(entries, 0, to, 0)).isEqualTo(RecordReader.READ_REMOVED);
        assertThat(segments.begin()).isEqualTo(SEGMENT);
        segments.close();
    }

    @Test
    void whatIsAtHandOfADeletedSegmentIsNotHandedOut() {
        append(new byte[] {1, 2, 3});
        append(new byte[] {4, 5});
        assertThat(read(entries, 0)).containsExactly(1, 2, 3);
        segments.ensure(SEGMENT);
        segments.dropFirst(SEGMENT);
        assertThat(reader.read(entries, 1, to, 0)).isEqualTo(RecordReader.READ_REMOVED);
        segments.close();
    }
}
