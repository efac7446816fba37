package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;

/**
 * The lock order of ARCHITECTURE.md: nobody is called, and no segment is made or synced, while the append lock or the lock
 * of the timers or of the transactions is held. Whether a lock is held by the thread that calls is asked by another thread, which takes it.
 */
final class LockOrderTest {
    private static final long PATIENCE_SECONDS = 10;

    private final SimDisk disk = new SimDisk();
    private final Records records = new Records(LockOrderTest::due);
    private final ConcurrentLinkedQueue<String> held = new ConcurrentLinkedQueue<>();
    private final List<String> called = new ArrayList<>();

    private static void due(RecordView record, RecordFacts facts) {
        facts.due(Long.parseLong(record.properties().getOrDefault("DUE", "0")));
    }

    private Storage open() {
        return Storage.open(Fixture.CONFIG, disk, new SimClock(), LockOrderTest::due, Progress.SILENT);
    }

    /** Has another thread take the locks that the caller must not hold. */
    private void check(String where, Storage storage) {
        CountDownLatch taken = new CountDownLatch(1);
        Thread.ofVirtual().start(() -> {
            // The first takes the append lock, the others those of timers and transactions.
            storage.stats();
            storage.timers().count();
            storage.transactions().standing(0);
            taken.countDown();
        });
        try {
            if (!taken.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                held.add(where);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private AppendStatus append(Storage storage, AppendBatch batch, int bodyBytes, String properties) {
        batch.clear();
        records.add(batch, storage.queue("T", 0), "x".repeat(bodyBytes).getBytes(StandardCharsets.UTF_8), properties);
        storage.append(batch);
        return batch.status();
    }

    @Test
    void whoeverAnAppendWakesIsCalledWithNoLockHeld() {
        try (Storage storage = open()) {
            storage.timers().onEarlier(() -> {
                called.add("timers");
                check("timers", storage);
            });
            storage.queue("T", 0)
                    .await(
                            (queue, tagsCode, queueOffset) -> {
                                called.add("waiter");
                                check("waiter", storage);
                            },
                            0);
            AppendBatch batch = storage.newBatch(done -> {
                called.add("listener");
                check("listener", storage);
            });
            assertThat(append(storage, batch, 10, "DUE\0012000000000000\002")).isEqualTo(AppendStatus.STORED);
            assertThat(called).containsExactlyInAnyOrder("timers", "waiter", "listener");
            storage.transactions().onEarlier(() -> {
                called.add("transactions");
                check("transactions", storage);
            });
            records.add(
                    clear(batch),
                    storage.queue(RecordFacts.HALF_TOPIC_NAME, 0),
                    "half".getBytes(StandardCharsets.UTF_8),
                    "PGROUP\001G\002");
            storage.append(batch);
            assertThat(called).contains("transactions");
            assertThat(held).isEmpty();
        }
    }

    private static AppendBatch clear(AppendBatch batch) {
        batch.clear();
        return batch;
    }

    @Test
    void segmentsAreMadeAndSyncedWithNoLockHeld() {
        try (Storage storage = open()) {
            List<String> made = new ArrayList<>();
            disk.fault((operation, path, count) -> {
                boolean segment = Fixture.LOG.equals(path.getParent());
                if (segment && (operation.equals("create") || operation.equals("force"))) {
                    check(operation + ' ' + path, storage);
                    synchronized (made) {
                        made.add(operation);
                    }
                }
            });
            AppendBatch batch = storage.newBatch(done -> {});
            // Two records fill a segment: appends are faster than the thread that makes segments ahead.
            for (int i = 0; i < 40; i++) {
                assertThat(append(storage, batch, 7_000, "")).isEqualTo(AppendStatus.STORED);
            }
            synchronized (made) {
                assertThat(made).contains("create", "force");
            }
            assertThat(held).isEmpty();
        }
    }
}
