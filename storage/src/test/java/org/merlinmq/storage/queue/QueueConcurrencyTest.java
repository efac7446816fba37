package org.merlinmq.storage.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.storage.index.Points;
import org.merlinmq.storage.index.Wakeup;
import org.merlinmq.testkit.SimDisk;

class QueueConcurrencyTest {

    private final ReentrantLock appendLock = new ReentrantLock();
    private final List<Damage> damages = new ArrayList<>();
    private final QueueTable table = QueueTable.open(new SimDisk(), Path.of("/store/index"), appendLock, damages::add);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        assertThat(damages).isEmpty();
    }

    private void publish(Queue queue, long logOffset) {
        appendLock.lock();
        try {
            long offset = queue.reserve(1);
            queue.publish(offset, logOffset, (int) offset, (int) ~offset, offset * 7);
        } finally {
            appendLock.unlock();
        }
    }

    @Test
    void readersSeeWhatWasPublishedWhileItIsFlushedMergedAndExpired() throws Exception {
        table.recover(Points.NONE);
        Queue[] queues = new Queue[5];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = table.queue("topic", i);
        }
        int perQueue = 40_000;
        AtomicLong logEnd = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        Future<?> writer = threads.submit(() -> {
            for (int n = 0; n < perQueue; n++) {
                for (Queue queue : queues) {
                    publish(queue, logEnd.get());
                    logEnd.incrementAndGet();
                }
            }
            done.set(true);
        });
        Future<?> tail = threads.submit(() -> {
            while (!done.get()) {
                long upTo = logEnd.get();
                table.flush(upTo);
                table.merge();
                table.retain(upTo / 4);
                table.deleteRetired();
            }
        });
        List<Future<Long>> readers = new ArrayList<>();
        for (Queue queue : queues) {
            readers.add(threads.submit(() -> readAll(queue, queue.queueId(), queues.length, perQueue)));
        }
        for (Future<Long> reader : readers) {
            assertThat(reader.get(60, TimeUnit.SECONDS)).isPositive();
        }
        writer.get(60, TimeUnit.SECONDS);
        tail.get(60, TimeUnit.SECONDS);
    }

    /** From the oldest entry to the last one; when expiry overtakes, goes on at the new oldest. */
    private static long readAll(Queue queue, int queueId, int queues, int last) {
        EntrySlice slice = new EntrySlice(32);
        long read = 0;
        for (long at = 0; at < last; ) {
            int count = queue.read(at, 32, slice);
            for (int i = 0; i < count; i++, at++, read++) {
                if (slice.logOffset[i] != at * queues + queueId
                        || slice.size[i] != (int) at
                        || slice.crc[i] != (int) ~at
                        || slice.tagsCode[i] != at * 7) {
                    throw new AssertionError("queue " + queueId + " at " + at + ": " + slice.logOffset[i]);
                }
            }
            if (count == 0) {
                at = Math.max(at, queue.minOffset());
                Thread.onSpinWait();
            }
        }
        return read;
    }

    /**
     * Entries leave the tail for a run while the oldest one is looked for: it must be found in the one or the other. Many
     * runs of another queue make the search long enough to meet the move.
     */
    @Test
    void theOldestMessageIsFoundWhileItMovesIntoARun() throws Exception {
        table.recover(Points.NONE);
        long logEnd = 0;
        for (int run = 0; run < 400; run++) {
            publish(table.queue("other", 0), logEnd++);
            table.flush(logEnd);
        }
        int rounds = 1500;
        AtomicInteger round = new AtomicInteger(-1);
        AtomicInteger asked = new AtomicInteger(-1);
        Future<?> asking = threads.submit(() -> {
            for (int r = 0; r < rounds; r++) {
                while (round.get() < r) {
                    Thread.onSpinWait();
                }
                for (long until = System.nanoTime() + r % 50 * 2_000L; System.nanoTime() < until; ) {
                    Thread.onSpinWait();
                }
                table.queue("topic", r).minOffset();
                asked.set(r);
            }
        });
        for (int r = 0; r < rounds; r++) {
            Queue queue = table.queue("topic", r);
            for (int n = 0; n < 20; n++) {
                publish(queue, logEnd++);
            }
            round.set(r);
            table.flush(logEnd);
            while (asked.get() < r) {
                Thread.onSpinWait();
            }
            assertThat(queue.minOffset()).as("round %d", r).isZero();
        }
        asking.get(60, TimeUnit.SECONDS);
    }

    /** The newest piece of the tail is full to the flush's end, and the next one comes while the flush looks where that is. */
    @Test
    void aTailThatGrowsWhileItIsFlushedIsFlushedToTheOffset() throws Exception {
        table.recover(Points.NONE);
        int rounds = 1000;
        AtomicInteger round = new AtomicInteger(-1);
        AtomicInteger grown = new AtomicInteger(-1);
        Future<?> growing = threads.submit(() -> {
            for (int r = 0; r < rounds; r++) {
                while (round.get() < r) {
                    Thread.onSpinWait();
                }
                for (long until = System.nanoTime() + r % 100 * 500L; System.nanoTime() < until; ) {
                    Thread.onSpinWait();
                }
                for (int n = 4; n < 16; n++) {
                    publish(table.queue("topic", r), 100L * r + n);
                }
                grown.set(r);
            }
        });
        for (int r = 0; r < rounds; r++) {
            for (int n = 0; n < TailChunk.FIRST_CAPACITY; n++) {
                publish(table.queue("topic", r), 100L * r + n);
            }
            round.set(r);
            table.flush(100L * r + TailChunk.FIRST_CAPACITY);
            while (grown.get() < r) {
                Thread.onSpinWait();
            }
            assertThat(table.queue("topic", r).flushed()).isEqualTo(TailChunk.FIRST_CAPACITY);
        }
        growing.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aQueueThatIsNeverIdleKeepsRoomForWhatComesBetweenTwoFlushes() {
        table.recover(Points.NONE);
        Queue queue = table.queue("topic", 0);
        long logEnd = 0;
        for (int flush = 0; flush < 300; flush++) {
            for (int n = 0; n < 20; n++) {
                publish(queue, logEnd++);
            }
            // As under load: the newest is not on the disk yet.
            table.flush(logEnd - 1);
            assertThat(table.tailEntries()).as("after %d flushes", flush).isLessThanOrEqualTo(40);
        }
        table.flush(logEnd);
        assertThat(table.tailEntries()).isZero();
    }

    /**
     * A ping-pong per waiter thread: a lost wake-up stops it, a double one is counted. Half of them take each third entry, and wait
     * on behind the others, while both publishers wake whom they took.
     */
    @Test
    void eachWaiterIsCalledOnceForEachRegistration() throws Exception {
        table.recover(Points.NONE);
        Queue queue = table.queue("topic", 0);
        int waiters = 6;
        int entries = 20_000;
        AtomicInteger finished = new AtomicInteger();
        List<Future<?>> all = new ArrayList<>();
        for (int w = 0; w < waiters; w++) {
            int divisor = w % 2 == 0 ? 1 : 3;
            all.add(threads.submit(() -> follow(queue, entries, divisor, finished)));
        }
        Runnable publish = () -> {
            for (int n = 0; n < entries / 2; n++) {
                Wakeup woken;
                appendLock.lock();
                try {
                    long offset = queue.reserve(1);
                    queue.publish(offset, offset, 1, 1, 1);
                    VarHandle.fullFence();
                    woken = queue.takeWaiters(1, offset, null);
                } finally {
                    appendLock.unlock();
                }
                Wakeup.wakeAll(woken);
            }
        };
        Future<?> publisher = threads.submit(publish);
        threads.submit(publish).get(60, TimeUnit.SECONDS);
        publisher.get(60, TimeUnit.SECONDS);
        for (Future<?> waiter : all) {
            waiter.get(60, TimeUnit.SECONDS);
        }
        assertThat(finished.get()).isEqualTo(waiters);
        assertThat(queue.takeWaiters(0, 0, null)).isNull();
    }

    /** Counts what arrives, of the entries whose number can be divided; of the last one too. */
    private record Counting(AtomicInteger calls, int divisor, int last) implements QueueWaiter {
        @Override
        public boolean takes(Queue queue, long queueOffset) {
            return queueOffset % divisor == 0 || queueOffset == last - 1;
        }

        @Override
        public void arrived(Queue queue, long tagsCode, long queueOffset) {
            calls.incrementAndGet();
        }
    }

    private static void follow(Queue queue, int last, int divisor, AtomicInteger finished) {
        AtomicInteger calls = new AtomicInteger();
        long at = 0;
        int expected = 0;
        for (int round = 0; at < last; round++) {
            Parked place = queue.await(new Counting(calls, divisor, last), at);
            boolean parked = place != null;
            if (place != null && round % 5 == 0 && queue.cancel(place)) {
                parked = false;
            }
            if (parked) {
                expected++;
                while (calls.get() < expected) {
                    Thread.onSpinWait();
                }
            }
            assertThat(calls.get()).isEqualTo(expected);
            at = queue.maxOffset();
        }
        finished.incrementAndGet();
    }

    @Test
    void awaitRefusesWhatIsThereAndCancelTellsWhetherItWasInTime() {
        table.recover(Points.NONE);
        Queue queue = table.queue("topic", 0);
        publish(queue, 0);
        List<String> arrived = new ArrayList<>();
        QueueWaiter first = (q, tagsCode, queueOffset) -> arrived.add("first " + tagsCode + ' ' + queueOffset);
        QueueWaiter second = (q, tagsCode, queueOffset) -> arrived.add("second");
        assertThat(queue.await(first, 0)).isNull();
        Parked firstPlace = parked(queue, first);
        Parked secondPlace = parked(queue, second);
        assertThat(queue.cancel(secondPlace)).isTrue();
        assertThat(queue.cancel(secondPlace)).isFalse();
        publish(queue, 1);
        Wakeup.wakeAll(queue.takeWaiters(7, 1, null));
        assertThat(arrived).containsExactly("first 7 1");
        assertThat(queue.cancel(firstPlace)).isFalse();
    }

    private static Parked parked(Queue queue, QueueWaiter waiter) {
        return Objects.requireNonNull(queue.await(waiter, queue.maxOffset()));
    }

    /** Pulls of one slot of time are given up newest first: whatever the order, the others must not be searched. */
    @Test
    @Timeout(20)
    void givingUpCostsTheSameHoweverManyWait() {
        table.recover(Points.NONE);
        Queue queue = table.queue("topic", 0);
        int waiters = 300_000;
        AtomicInteger calls = new AtomicInteger();
        List<Parked> places = new ArrayList<>();
        for (int i = 0; i < waiters; i++) {
            places.add(parked(queue, (q, tagsCode, queueOffset) -> calls.incrementAndGet()));
        }
        for (int i = waiters - 1; i > 0; i -= 2) { // every second one, newest first
            assertThat(queue.cancel(places.get(i))).isTrue();
        }
        Wakeup.wakeAll(queue.takeWaiters(0, 0, null));
        assertThat(calls.get()).isEqualTo(waiters / 2);
        assertThat(queue.takeWaiters(0, 0, null)).isNull();
    }

    @Test
    void aQueueMayStartAboveZeroAndADamagedLogLeavesNoShift() {
        table.recover(Points.NONE);
        Queue queue = table.queue("topic", 0);
        assertThat(queue.recover(1000, 0, 10, 1, 1)).isTrue();
        assertThat(queue.recover(1000, 0, 10, 1, 1)).isFalse();
        assertThat(queue.recover(1003, 30, 10, 1, 1)).isTrue();
        EntrySlice slice = new EntrySlice(8);
        assertThat(queue.minOffset()).isEqualTo(1000);
        assertThat(queue.read(1000, 8, slice)).isEqualTo(4);
        assertThat(slice.size).startsWith(10, 0, 0, 10);
        table.flush(31);
        table.retain(30);
        assertThat(queue.minOffset()).isEqualTo(1001);
        assertThat(queue.read(1000, 8, slice)).isZero();
    }
}
