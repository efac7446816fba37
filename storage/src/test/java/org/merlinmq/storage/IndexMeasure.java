package org.merlinmq.storage;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.storage.facts.KeyHash;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.index.KeyIndex;
import org.merlinmq.storage.index.Points;
import org.merlinmq.storage.index.PublishedRecords;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.queue.QueueTable;
import org.merlinmq.storage.timer.TimerIndex;

/** Prints what the indexes cost: run with the test class path and, for the memory figures, {@code -Xmx64m}. */
@SuppressWarnings("LockNotBeforeTry") // nothing between can throw, and the loop is what is measured
final class IndexMeasure {

    private static final int QUEUES = 40_000;

    private IndexMeasure() {}

    public static void main(String[] args) throws Exception {
        for (int round = 0; round < 4; round++) {
            Path folder = Files.createTempDirectory("merlin-index");
            hot(folder.resolve("hot"), round);
            many(folder.resolve("many"), round);
            keys(folder.resolve("keys"), round);
            timers(folder.resolve("timers"), round);
            delete(folder);
        }
        Path folder = Files.createTempDirectory("merlin-index");
        idle(folder);
        delete(folder);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static void print(int round, String what, long nanos, long count) {
        if (round > 0) {
            System.out.printf("%-46s %8.1f ns%n", what, (double) nanos / count);
        }
    }

    private static QueueTable table(Path folder, ReentrantLock lock) {
        QueueTable table = QueueTable.open(new RealDisk(), folder, lock, System.err::println);
        table.recover(Points.NONE);
        return table;
    }

    private static void hot(Path folder, int round) {
        ReentrantLock lock = new ReentrantLock();
        QueueTable table = table(folder, lock);
        Queue queue = table.queue("hot", 0);
        int count = 400_000;
        long start = System.nanoTime();
        publish(queue, lock, count, 0);
        print(round, "publish, one queue, batches of 16", System.nanoTime() - start, count);
        read(queue, count, round, "read 32 from tail");
        for (int i = 1; i < 12; i++) {
            table.flush((long) count * i * 100);
            publish(queue, lock, 50_000, (long) count * i * 100);
        }
        start = System.nanoTime();
        table.flush(Long.MAX_VALUE / 2);
        print(round, "flush, per entry", System.nanoTime() - start, 50_000);
        read(queue, count, round, "read 32 from a run");
        Random random = new Random(1);
        EntrySlice slice = new EntrySlice(32);
        start = System.nanoTime();
        for (int i = 0; i < 100_000; i++) {
            queue.read(random.nextInt(count), 32, slice);
        }
        print(round, "read 32 at random from 12 runs", System.nanoTime() - start, 100_000);
        table.close();
    }

    private static void publish(Queue queue, ReentrantLock lock, int count, long logOffset) {
        long at = logOffset;
        for (int n = 0; n < count; n += 16) {
            lock.lock();
            long first = queue.reserve(16);
            for (int i = 0; i < 16; i++, at += 100) {
                queue.publish(first + i, at, 100, i, i);
            }
            VarHandle.fullFence();
            queue.takeWaiters(0, first, null);
            lock.unlock();
        }
    }

    private static void read(Queue queue, int count, int round, String what) {
        EntrySlice slice = new EntrySlice(32);
        long start = System.nanoTime();
        for (int at = 0; at < count; at += 32) {
            if (queue.read(at, 32, slice) != 32) {
                throw new IllegalStateException("read " + slice.count + " at " + at);
            }
        }
        print(round, what, System.nanoTime() - start, count / 32);
    }

    private static void many(Path folder, int round) {
        ReentrantLock lock = new ReentrantLock();
        QueueTable table = table(folder, lock);
        Queue[] queues = new Queue[QUEUES];
        long before = used();
        long start = System.nanoTime();
        for (int i = 0; i < QUEUES; i++) {
            queues[i] = table.queue("a-topic-of-some-length-" + i / 8, i % 8);
        }
        print(round, "make a queue", System.nanoTime() - start, QUEUES);
        long idle = used();
        long at = 0;
        start = System.nanoTime();
        for (int n = 0; n < 8; n++) {
            for (Queue queue : queues) {
                lock.lock();
                queue.publish(queue.reserve(1), at, 100, 1, 1);
                lock.unlock();
                at += 100;
            }
        }
        print(round, "publish, 40,000 queues in turn, one by one", System.nanoTime() - start, QUEUES * 8L);
        long active = used();
        start = System.nanoTime();
        table.flush(at);
        print(round, "flush of 40,000 queues, per queue", System.nanoTime() - start, QUEUES);
        long flushed = used();
        if (round == 3) {
            System.out.printf(
                    "bytes per queue: idle %d, with 8 entries in the tail %d, flushed %d%n",
                    (idle - before) / QUEUES, (active - before) / QUEUES, (flushed - before) / QUEUES);
        }
        byte[] topic = "a-topic-of-some-length-77".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        start = System.nanoTime();
        int found = 0;
        for (int i = 0; i < 1_000_000; i++) {
            found += table.find(topic, 0, topic.length, i & 7) == null ? 0 : 1;
        }
        print(round, "find by the bytes of the topic", System.nanoTime() - start, found);
        table.close();
    }

    private static final byte[] HEAD = new byte[RecordLayout.MIN_BYTES];
    private static final RecordFacts FACTS = new RecordFacts();
    private static final PublishedRecords ONE = new PublishedRecords();

    /** What is published of one record. */
    private static PublishedRecords row(long topicHash, long due, long settles, long logOffset) {
        Bytes.putLong(HEAD, RecordLayout.PREPARED_AT, settles < 0 ? 0 : RecordLayout.naming(settles));
        FACTS.begin(HEAD, 0, topicHash);
        FACTS.uniqueKey(0, topicHash == 0 ? 0 : Long.BYTES);
        FACTS.due(due);
        ONE.clear();
        ONE.placeAt(ONE.add(null, 0, HEAD.length, FACTS), logOffset);
        return ONE;
    }

    private static void keys(Path folder, int round) {
        ReentrantLock lock = new ReentrantLock();
        KeyIndex keys = KeyIndex.open(new RealDisk(), folder, lock, System.err::println);
        keys.recover(Points.NONE);
        Random random = new Random(1);
        int count = 500_000;
        long[] hashes = random.longs(count).toArray();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            keys.apply(row(hashes[i], 0, RecordLayout.NAMES_NONE, i));
        }
        print(round, "key add", System.nanoTime() - start, count);
        start = System.nanoTime();
        keys.flush(count);
        print(round, "key flush, per key", System.nanoTime() - start, count);
        long[] found = {0};
        start = System.nanoTime();
        for (int i = 0; i < 20_000; i++) {
            keys.query(KeyHash.of(hashes[random.nextInt(count)], HEAD, 0, Long.BYTES), 0, count, at -> found[0]++ >= 0);
        }
        print(round, "key query in one run", System.nanoTime() - start, found[0]);
        keys.close();
    }

    private static void timers(Path folder, int round) {
        TimerIndex timers = TimerIndex.open(new RealDisk(), folder, 50_000, System.err::println);
        timers.recover(Points.NONE);
        timers.start();
        Random random = new Random(1);
        int count = 500_000;
        long[] dues = random.longs(count, 1, 3_600_000).toArray();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            timers.apply(row(0, dues[i], RecordLayout.NAMES_NONE, i));
        }
        print(round, "timer add", System.nanoTime() - start, count);
        start = System.nanoTime();
        timers.flush(count);
        print(round, "timer flush, per timer", System.nanoTime() - start, count);
        start = System.nanoTime();
        long first = timers.firstLogOffset();
        print(round, "look at what the log is waited for, first " + first, System.nanoTime() - start, 1);
        long[] end = {count};
        int[] most = {0};
        start = System.nanoTime();
        for (long now = 0; now <= 3_600_000; now += 1000) {
            timers.drainDue(now, (due, logOffset) -> {
                timers.apply(row(0, 0, logOffset, end[0]++));
                return true;
            });
            most[0] = Math.max(most[0], timers.nearEntries());
            if (now % 300_000 == 0) {
                timers.flush(end[0]);
            }
        }
        print(round, "timer fetch, drain and settle", System.nanoTime() - start, count);
        if (round == 3) {
            System.out.println("timers left " + timers.count() + ", most in memory " + most[0]);
        }
        timers.close();
    }

    private static void idle(Path folder) {
        make(folder, (int) Math.min(1_000_000, Runtime.getRuntime().maxMemory() / 200));
        long start = System.nanoTime();
        QueueTable again = table(folder, new ReentrantLock());
        System.out.printf("opened again in %d ms%n", (System.nanoTime() - start) / 1_000_000);
        again.close();
    }

    private static void make(Path folder, int count) {
        long before = used();
        QueueTable table = table(folder, new ReentrantLock());
        for (int i = 0; i < count; i++) {
            table.queue("a-topic-of-some-length-" + i / 8, i % 8);
        }
        System.out.printf("%d idle queues: %d bytes each%n", count, (used() - before) / count);
        table.close();
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
