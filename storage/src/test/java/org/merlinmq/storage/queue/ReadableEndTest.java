package org.merlinmq.storage.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.storage.index.Points;
import org.merlinmq.storage.index.Wakeup;
import org.merlinmq.testkit.Seeds;

/** What consumers get of queues whose newest entries are not confirmed, and when they hear of more. */
class ReadableEndTest {
    private static final int TAGS = 3;

    @TempDir
    Path folder;

    private QueueTable table;
    private ReadableEnd end;
    private long logEnd = 100;

    @BeforeEach
    void open() {
        table = QueueTable.open(new RealDisk(), folder, new ReentrantLock(), damage -> {
            throw new AssertionError(damage.toString());
        });
        table.recover(Points.NONE);
        end = table.readable();
    }

    @AfterEach
    void close() {
        table.close();
    }

    private void append(Queue queue, long tagsCode, boolean early) {
        long at = queue.reserve(1);
        long logOffset = logEnd;
        logEnd += 10;
        queue.publish(at, logOffset, 10, 1, tagsCode);
        VarHandle.fullFence();
        if (early) {
            // Others have confirmed it before the append looks who waits.
            Wakeup.wakeAll(end.advance(logEnd));
        }
        Wakeup.wakeAll(end.isBounded() ? queue.published(at, logOffset, null) : queue.takeWaiters(tagsCode, at, null));
    }

    @Test
    void withoutABoundAllMayBeRead() {
        Queue queue = table.queue("topic", 0);
        append(queue, 1, false);
        assertThat(queue.readableOffset()).isEqualTo(1);
        assertThat(queue.read(0, 8, new EntrySlice(8))).isEqualTo(1);
        assertThat(end.advance(5)).isNull();
        assertThat(queue.readableOffset()).isEqualTo(1);
    }

    @Test
    void whatLiesBeyondTheEndIsThereAndMayNotBeRead() {
        end.bound(0);
        Queue queue = table.queue("topic", 0);
        for (int i = 0; i < 20; i++) {
            append(queue, 1, false);
        }
        EntrySlice slice = new EntrySlice(64);
        assertThat(queue.maxOffset()).isEqualTo(20);
        assertThat(queue.readableOffset()).isZero();
        assertThat(queue.read(0, 64, slice)).isZero();
        end.advance(100 + 70);
        assertThat(queue.readableOffset()).isEqualTo(7);
        assertThat(queue.read(0, 64, slice)).isEqualTo(7);
        assertThat(queue.read(7, 64, slice)).isZero();
        assertThat(queue.readStored(7, 64, slice)).isEqualTo(13);
        end.advance(100 + 71);
        assertThat(queue.readableOffset()).as("begins below").isEqualTo(8);
        end.advance(50);
        assertThat(queue.readableOffset()).as("does not go back").isEqualTo(8);
    }

    @Test
    void whatIsInRunsIsBoundedToo() {
        end.bound(0);
        Queue queue = table.queue("topic", 0);
        for (int i = 0; i < 5_000; i++) {
            append(queue, 1, false);
            if (i == 3_000) {
                table.flush(logEnd);
            }
        }
        end.advance(100 + 10 * 1_234);
        assertThat(queue.readableOffset()).isEqualTo(1_234);
        table.flush(logEnd);
        end.advance(100 + 10 * 2_345);
        assertThat(queue.readableOffset()).isEqualTo(2_345);
        end.advance(logEnd);
        assertThat(queue.readableOffset()).isEqualTo(5_000);
        end.advance(logEnd + 1);
        assertThat(queue.read(4_999, 2, new EntrySlice(2))).isEqualTo(1);
    }

    @Test
    void manyThatBecomeReadableAtOnceWakeAllWhoWaitHere() {
        end.bound(0);
        Queue queue = table.queue("topic", 0);
        Reader other = new Reader(queue, 0, 9);
        Reader beyond = new Reader(queue, 5_000, -1);
        for (int i = 0; i < ReadableEnd.MAX_OFFERED + 1; i++) {
            append(queue, 1, false);
        }
        assertThat(other.arrivedAt).isEqualTo(-1);
        Wakeup.wakeAll(end.advance(logEnd));
        assertThat(other.arrivedAt).as("it looks for itself").isZero();
        assertThat(beyond.arrivedAt).as("not one that waits further behind").isEqualTo(-1);
        assertThat(end.watchedQueues()).isZero();
    }

    /** Waits once, for all tags if that is negative, and by being asked about each entry for every second one. */
    private static final class Reader implements QueueWaiter {
        final Queue queue;
        final long awaited;
        final long tag;
        final @Nullable Parked parked;
        long arrivedAt = -1;

        Reader(Queue queue, long awaited, long tag) {
            this.queue = queue;
            this.awaited = awaited;
            this.tag = tag;
            this.parked = queue.await(this, awaited);
        }

        @Override
        public long @Nullable [] tagsCodes() {
            return tag < 0 || awaited % 2 == 0 ? null : new long[] {tag, tag + 100};
        }

        @Override
        public boolean wants(long tagsCode) {
            return tag < 0 || tag == tagsCode;
        }

        @Override
        public void arrived(Queue at, long tagsCode, long queueOffset) {
            assertThat(arrivedAt).as("woken once").isEqualTo(-1);
            arrivedAt = queueOffset;
        }
    }

    @Test
    void whoWaitsIsWokenWhenWhatHeWantsMayBeReadAndNotBefore() {
        Seeds.forEach(200, this::play);
    }

    private void play(RandomGenerator random) {
        List<Queue> queues = new ArrayList<>();
        List<List<Long>> logOffsets = new ArrayList<>();
        List<List<Long>> tags = new ArrayList<>();
        int number = games++;
        for (int i = 0; i < 4; i++) {
            queues.add(table.queue("topic" + number, i));
            logOffsets.add(new ArrayList<>());
            tags.add(new ArrayList<>());
        }
        if (!end.isBounded()) {
            end.bound(logEnd);
        }
        List<Reader> readers = new ArrayList<>();
        for (int step = 0; step < 200; step++) {
            int which = random.nextInt(queues.size());
            Queue queue = queues.get(which);
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    long tag = random.nextInt(TAGS);
                    logOffsets.get(which).add(logEnd);
                    tags.get(which).add(tag);
                    append(queue, tag, random.nextInt(8) == 0);
                }
                case 2 ->
                    Wakeup.wakeAll(end.advance(
                            Math.min(logEnd, end.logOffset() + random.nextLong(1 + logEnd - end.logOffset() + 10))));
                default -> {
                    long from = queue.readableOffset() + random.nextInt(4);
                    readers.add(new Reader(queue, from, random.nextInt(TAGS + 1) - 1));
                }
            }
            for (int i = 0; i < queues.size(); i++) {
                check(queues.get(i), logOffsets.get(i));
            }
            for (Reader reader : readers) {
                check(reader, logOffsets.get(queues.indexOf(reader.queue)), tags.get(queues.indexOf(reader.queue)));
            }
            readers.removeIf(reader ->
                    reader.parked == null || reader.arrivedAt >= 0 || (random.nextInt(20) == 0 && isCancelled(reader)));
        }
        readers.forEach(ReadableEndTest::isCancelled);
    }

    private int games;

    private void check(Queue queue, List<Long> logOffsets) {
        long readable =
                logOffsets.stream().filter(each -> each < end.logOffset()).count();
        assertThat(queue.readableOffset()).isEqualTo(readable);
        assertThat(queue.maxOffset()).isEqualTo(logOffsets.size());
    }

    private void check(Reader reader, List<Long> logOffsets, List<Long> tags) {
        assertThat(reader.parked).as("it may not be read when he parks").isNotNull();
        long first = -1;
        for (int at = (int) reader.awaited; first < 0 && at < logOffsets.size(); at++) {
            first = logOffsets.get(at) < end.logOffset() && reader.wants(tags.get(at)) ? at : -1;
        }
        if (first >= 0) {
            assertThat(reader.arrivedAt)
                    .as("woken, and behind nothing that he wants")
                    .isBetween(reader.awaited, first);
        } else if (reader.arrivedAt >= 0) {
            assertThat(logOffsets.get((int) reader.arrivedAt))
                    .as("what he is woken for may be read")
                    .isLessThan(end.logOffset());
        }
    }

    private static boolean isCancelled(Reader reader) {
        if (reader.parked == null || !reader.queue.cancel(reader.parked)) {
            return false;
        }
        EntrySlice slice = new EntrySlice(64);
        long passed = reader.parked.passedTo();
        reader.queue.read(reader.awaited, (int) Math.min(64, passed - reader.awaited), slice);
        for (int i = 0; i < slice.count; i++) {
            assertThat(reader.wants(slice.tagsCode[i]))
                    .as("he passes over nothing that he wants")
                    .isFalse();
        }
        assertThat(passed).isLessThanOrEqualTo(Math.max(reader.awaited, reader.queue.readableOffset()));
        return true;
    }
}
