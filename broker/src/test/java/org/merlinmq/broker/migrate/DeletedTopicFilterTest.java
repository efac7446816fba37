package org.merlinmq.broker.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.Progress;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;

class DeletedTopicFilterTest {
    @TempDir
    Path store;

    private final ByteWriter log = new ByteWriter();
    private final RecordWriter writer =
            new RecordWriter().bornHost(new byte[] {127, 0, 0, 1}, 1).storeHost(new byte[] {127, 0, 0, 1}, 10911);

    private long record(int queueId, long queueOffset) {
        return record("T", queueId, queueOffset);
    }

    private long record(String topic, int queueId, long queueOffset) {
        byte[] name = Bytes.ascii(topic);
        writer.queueId(queueId).bornMillis(1);
        int at = writer.begin(log, name, 0, 1, name, 0, 1);
        writer.end(log);
        RecordLayout.place(log.array(), at, queueOffset, at, new SimClock().millis() - 3_600_000 + at);
        return at;
    }

    private void entry(String queue, String file, long logOffset, int size) throws IOException {
        Path folder = Files.createDirectories(store.resolve("consumequeue/T").resolve(queue));
        byte[] entries = new byte[200];
        ByteBuffer.wrap(entries).putLong(logOffset).putInt(size);
        Files.write(folder.resolve(file), entries);
    }

    /** How many messages queues 0, 1 and 2 have when the log is read with what the queue files say. */
    private List<Long> counts() throws IOException {
        Path segment = Files.createDirectories(store.resolve("commitlog")).resolve("0".repeat(20));
        byte[] bytes = new byte[64 << 10];
        System.arraycopy(log.array(), 0, bytes, 0, log.length());
        Files.write(segment, bytes);
        DeletedTopicFilter former = DeletedTopicFilter.read(store.resolve("consumequeue"), RecordRule.NONE);
        List<Long> counts = new ArrayList<>();
        try (Storage storage =
                Storage.open(TestStore.config(store), new RealDisk(), new SimClock(), former, Progress.SILENT)) {
            for (int queueId = 0; queueId < 3; queueId++) {
                Queue queue = storage.findQueue("T", queueId);
                counts.add(queue == null ? 0 : queue.maxOffset() - queue.minOffset());
            }
        }
        return counts;
    }

    /** A topic with two messages in queue 0, one in each other; made again with one in queue 0 and in queue 1. */
    private long twoLives() {
        record(0, 0);
        record(0, 1);
        record(1, 0);
        record(2, 0);
        long begin = record(1, 0);
        record(0, 0);
        return begin;
    }

    @Test
    void aQueueWithoutAFolderIsOfTheFormerTopic() throws IOException {
        long begin = twoLives();
        entry("1", "0".repeat(20), begin, 100);
        entry("0", "0".repeat(20), begin + 100, 100);
        assertThat(counts()).containsExactly(1L, 1L, 0L);
    }

    @Test
    void whatTheFilesDoNotSayStays() throws IOException {
        twoLives();
        assertThat(counts()).as("no files").containsExactly(1L, 1L, 1L);
    }

    @Test
    void aQueueWhoseBeginningExpiredSaysNothing() throws IOException {
        long begin = twoLives();
        entry("1", "0".repeat(20), begin, 100);
        entry("0", "00000000000006000000", begin + 100, 100);
        assertThat(counts()).containsExactly(1L, 1L, 1L);
    }

    @Test
    void anEmptyQueueFileSaysNothing() throws IOException {
        long begin = twoLives();
        entry("1", "0".repeat(20), begin, 100);
        entry("0", "0".repeat(20), 0, 0);
        assertThat(counts()).containsExactly(1L, 1L, 1L);
    }

    @Test
    void aQueueThatIsYoungerThanItsTopicIsKept() throws IOException {
        record("U", 0, 0);
        long begin = record(0, 0);
        record(0, 1);
        record(2, 0);
        entry("0", "0".repeat(20), begin, 100);
        assertThat(counts()).containsExactly(2L, 0L, 1L);
    }
}
