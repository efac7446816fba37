package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;

/** Several event loops append to the same queues while a reader follows. */
final class ConcurrencyTest {
    private static final int THREADS = 4;
    private static final int QUEUES = 3;
    private static final int BATCHES = 400;

    @TempDir
    Path folder = Path.of(".");

    @ParameterizedTest
    @EnumSource(FlushMode.class)
    void queuesAreDenseAndEachMessageIsWhereItsSenderWasTold(FlushMode mode) throws InterruptedException {
        StorageConfig config = StorageConfig.defaults(folder)
                .withSegmentBytes(256 << 10)
                .withDiskLimits(1, 1, 1)
                .withFlush(mode)
                .withCheckpoints(64 << 10, Duration.ofMillis(50));
        Map<String, String> told = new ConcurrentHashMap<>();
        try (Storage storage = Storage.open(config, new RealDisk(), new SimClock(), Progress.SILENT)) {
            AtomicLong woken = new AtomicLong();
            Queue first = storage.queue("T", 0);
            assertThat(first.await((queue, tagsCode, queueOffset) -> woken.incrementAndGet(), 0))
                    .as("parked before anybody sends")
                    .isNotNull();
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int id = t;
                threads.add(Thread.ofPlatform().start(() -> sendAll(storage, id, told)));
            }
            while (threads.stream().anyMatch(Thread::isAlive)) {
                long max = first.maxOffset();
                if (max > 0) {
                    assertThat(Fixture.read(storage, first)).hasSizeGreaterThanOrEqualTo((int) max);
                }
                if (first.await((queue, tagsCode, queueOffset) -> woken.incrementAndGet(), max) == null) {
                    woken.incrementAndGet();
                }
                Thread.onSpinWait();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(woken.get()).isPositive();
            check(storage, told);
        }
        try (Storage storage = Storage.open(config, new RealDisk(), new SimClock(), Progress.SILENT)) {
            check(storage, told);
        }
    }

    private static void sendAll(Storage storage, int id, Map<String, String> told) {
        Records records = new Records();
        Semaphore free = new Semaphore(1);
        AppendBatch batch = storage.newBatch(b -> free.release());
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < BATCHES; i++) {
            free.acquireUninterruptibly();
            note(batch, bodies, id, told);
            batch.clear();
            bodies.clear();
            for (int j = 0; j <= i % 7; j++) {
                Queue queue = storage.queue("T", (i + j) % QUEUES);
                bodies.add((i + j) % QUEUES + ":" + id + "." + i + "." + j + "y".repeat((i * 37) % 300));
                records.add(batch, queue, bodies.getLast());
            }
            storage.append(batch);
        }
        free.acquireUninterruptibly();
        note(batch, bodies, id, told);
    }

    private static void note(AppendBatch batch, List<String> bodies, int id, Map<String, String> told) {
        for (int i = 0; i < bodies.size(); i++) {
            assertThat(batch.status()).isEqualTo(AppendStatus.STORED);
            String body = bodies.get(i);
            String place = body.substring(0, body.indexOf(':')) + "@" + batch.queueOffset(i);
            assertThat(told.put(place, body)).as("told twice by " + id).isNull();
        }
    }

    private static void check(Storage storage, Map<String, String> told) {
        Map<String, String> found = new TreeMap<>();
        for (int id = 0; id < QUEUES; id++) {
            Queue queue = storage.queue("T", id);
            Map<Long, String> bodies = Fixture.read(storage, queue);
            assertThat(bodies).hasSize((int) queue.maxOffset());
            int queueId = id;
            bodies.forEach((offset, body) -> found.put(queueId + "@" + offset, body));
        }
        assertThat(found).isEqualTo(new TreeMap<>(told));
    }
}
