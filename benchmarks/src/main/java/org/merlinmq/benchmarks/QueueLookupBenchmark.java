package org.merlinmq.benchmarks;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** From a request's bytes to its topic and queue, and from a queue offset to 32 entries. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class QueueLookupBenchmark {
    private static final int TOPICS = 10_000;
    private static final int ENTRIES = 200_000;
    private static final int READ = 32;

    private final EntrySlice slice = new EntrySlice(READ);
    private final byte[][] names = new byte[TOPICS][];
    private BenchmarkStore store;
    private TopicTable topics;
    private Queue flushed;
    private Queue fresh;
    private int next;

    @Setup
    public void fill() {
        store = BenchmarkStore.open();
        byte[] record = BenchmarkStore.record(16);
        append(record, "flushed");
        store.reopen();
        append(record, "fresh");
        flushed = store.storage().queue("flushed", 0);
        fresh = store.storage().queue("fresh", 0);
        topics = SendPath.topics(store.storage());
        for (int i = 0; i < TOPICS; i++) {
            String name = "topic_of_some_length_" + i * 7919;
            topics.create(name, 8, 6, 0);
            names[i] = Bytes.ascii(name);
        }
    }

    private void append(byte[] record, String topic) {
        Appender appender = new Appender(store.storage(), store.storage().queue(topic, 0), record);
        for (int i = 0; i < ENTRIES; i += 1000) {
            appender.append(1000);
        }
    }

    @TearDown
    public void close() {
        store.close();
    }

    /** A topic by the bytes of its name, out of 10,000, each time another: mostly cache misses. */
    @Benchmark
    public @Nullable Topic topicByBytes() {
        byte[] name = names[step() % TOPICS];
        return topics.find(name, 0, name.length);
    }

    /** The same, always the same topic. */
    @Benchmark
    public @Nullable Topic topicByBytesAgain() {
        return topics.find(names[0], 0, names[0].length);
    }

    /** 32 entries that are in memory still. */
    @Benchmark
    public int read32FromTail() {
        return read(fresh);
    }

    /** 32 entries out of a sorted run on the disk (in the page cache). */
    @Benchmark
    public int read32FromRun() {
        return read(flushed);
    }

    private int read(Queue queue) {
        int count = queue.read(step() % (ENTRIES - READ), READ, slice);
        if (count != READ) {
            throw new IllegalStateException("expected " + READ + " entries, read " + count);
        }
        return count;
    }

    /** A step that comes past all places and does not follow the order in memory. */
    private int step() {
        next = (next + 7_919) & Integer.MAX_VALUE;
        return next;
    }
}
