package org.merlinmq.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.Seeds;
import org.merlinmq.testkit.SimDisk;
import org.merlinmq.testkit.SimThreads;

/**
 * A store that crashes again and again in random ways, held against a model: what was acknowledged is there as promised,
 * what is there was sent, and nothing is in another place than its sender was told.
 */
final class CrashTest {
    private static final int ROUNDS = 5;
    private static final int PATIENCE_STEPS = 1000;

    /** How sure it is that a message survives. */
    private enum Promise {
        NONE,
        KILL,
        POWER_LOSS
    }

    private record Sent(String body, long end, Promise promise) {}

    private final Map<String, List<@Nullable Sent>> model = new TreeMap<>();
    private int messages;

    @Test
    void whatWasPromisedSurvives() {
        Seeds.forEach(Integer.getInteger("merlin.crashes", 200), this::run);
    }

    /** One seed, one history, so that a failure can be looked at again. */
    @Test
    void theSameSeedGivesTheSameHistory() {
        Seeds.forEach(20, random -> {
            long seed = random.nextLong();
            assertThat(run(new Random(seed))).isEqualTo(run(new Random(seed)));
        });
    }

    /** Returns what was done to the disk. */
    private long run(RandomGenerator random) {
        model.clear();
        messages = 0;
        FlushMode mode = random.nextBoolean() ? FlushMode.ASYNC : FlushMode.SYNC;
        StorageConfig config = Fixture.CONFIG.withFlush(mode).withFlushInterval(Duration.ofMillis(3));
        SimDisk disk = new SimDisk();
        Promise kept = Promise.POWER_LOSS;
        for (int round = 0; round < ROUNDS; round++) {
            SimThreads threads = new SimThreads(random);
            Fixture store = new Fixture(disk, config, threads);
            verify(store, kept);
            work(store, threads, random);
            boolean power = random.nextBoolean();
            markFlushed(store.storage.flushedLogOffset());
            disk = !power
                    ? store.disk.killProcess()
                    : random.nextInt(3) == 0 ? store.disk.losePowerAndAllUnsynced() : store.disk.losePower(random);
            kept = power ? Promise.POWER_LOSS : Promise.KILL;
            store.storage.close();
        }
        Fixture last = new Fixture(disk, config, new SimThreads(random));
        verify(last, kept);
        last.storage.close();
        return disk.digest();
    }

    private void work(Fixture store, SimThreads threads, RandomGenerator random) {
        int batches = random.nextInt(60);
        int failAt = random.nextInt(4) == 0 ? random.nextInt(batches + 1) : -1;
        for (int i = 0; i < batches; i++) {
            if (i == failAt) {
                String failing = random.nextBoolean() ? "write" : "force";
                store.disk.fault((operation, path, count) -> {
                    if (operation.equals(failing)
                            && path.startsWith(Fixture.LOG)
                            && path.toString().contains("000")) {
                        throw new DiskException(operation + " " + path + " failed: I/O error", false, null);
                    }
                });
            }
            send(store, threads, random);
            threads.run(random.nextInt(4));
            if (random.nextInt(10) == 0) {
                threads.advance(Duration.ofMillis(random.nextInt(30)));
            }
        }
    }

    private void send(Fixture store, SimThreads threads, RandomGenerator random) {
        AtomicBoolean told = new AtomicBoolean();
        AppendBatch batch = store.storage.newBatch(b -> told.set(true));
        List<Queue> queues = new ArrayList<>();
        List<String> bodies = new ArrayList<>();
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            queues.add(store.storage.queue("T" + random.nextInt(2), random.nextInt(3)));
            bodies.add(messages++ + "-" + "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 4000 : 400)));
            store.records.add(batch, queues.get(i), bodies.get(i));
        }
        batch.group(random.nextInt(2) == 0 ? count : 1);
        store.storage.append(batch);
        for (int step = 0; step < PATIENCE_STEPS && !told.get(); step++) {
            threads.run(1);
        }
        assertThat(told).isTrue();
        boolean published = batch.status() == AppendStatus.STORED || batch.logOffset(0) < store.storage.maxLogOffset();
        for (int i = 0; i < count && published; i++) {
            List<@Nullable Sent> sent = sent(queues.get(i));
            if (batch.status() != AppendStatus.STORED && batch.queueOffset(i) != sent.size()) {
                return;
            }
            assertThat(batch.queueOffset(i)).isEqualTo(sent.size());
            Promise promise = batch.status() != AppendStatus.STORED
                    ? Promise.NONE
                    : store.mode == FlushMode.SYNC ? Promise.POWER_LOSS : Promise.KILL;
            sent.add(new Sent(bodies.get(i), batch.logOffset(i) + batch.recordBytes(i), promise));
        }
    }

    private List<@Nullable Sent> sent(Queue queue) {
        return model.computeIfAbsent(queue.topic() + "/" + queue.queueId(), key -> new ArrayList<>());
    }

    private void markFlushed(long flushed) {
        for (List<@Nullable Sent> queue : model.values()) {
            queue.replaceAll(sent -> sent == null || sent.end > flushed || sent.promise == Promise.NONE
                    ? sent
                    : new Sent(sent.body, sent.end, Promise.POWER_LOSS));
        }
    }

    private void verify(Fixture store, Promise kept) {
        store.storage.forEachQueue(queue -> {
            Map<Long, String> found = Fixture.read(store.storage, queue);
            List<@Nullable Sent> sent = sent(queue);
            String name = queue.topic() + "/" + queue.queueId();
            assertThat(queue.maxOffset()).as(name).isLessThanOrEqualTo(sent.size());
            found.forEach((offset, body) -> {
                Sent then = sent.get(offset.intValue());
                assertThat(body.equals(then == null ? "" : then.body))
                        .as(name + " " + offset + " is message " + body.replaceAll("-x*", ""))
                        .isTrue();
            });
            List<@Nullable Sent> left = new ArrayList<>();
            for (long offset = 0; offset < sent.size(); offset++) {
                Sent then = sent.get((int) offset);
                if (then != null && then.promise.compareTo(kept) >= 0) {
                    assertThat(found.keySet()).as(name + " lost " + offset).contains(offset);
                }
                if (offset < queue.maxOffset()) {
                    left.add(found.containsKey(offset) ? then : null);
                }
            }
            sent.clear();
            sent.addAll(left);
        });
        model.forEach((name, sent) -> {
            int slash = name.indexOf('/');
            boolean known =
                    store.storage.findQueue(name.substring(0, slash), Integer.parseInt(name.substring(slash + 1)))
                            != null;
            assertThat(known || sent.stream().noneMatch(each -> each != null && each.promise.compareTo(kept) >= 0))
                    .as(name + " is known")
                    .isTrue();
            if (!known) {
                sent.clear();
            }
        });
    }
}
