package org.merlinmq.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/**
 * Appending messages with 128 bytes of body to a store on the real disk, asynchronous flush: a place in the log, one
 * write, the queue's entry, the key index. Records a second over all threads; each thread has a queue of its own.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class AppendBenchmark {
    private static final int BATCH = 64;

    /** A new store for each iteration: what one leaves behind does not slow the next. */
    @State(Scope.Benchmark)
    public static class Shared {
        private final byte[] record = BenchmarkStore.record(128);
        private AtomicInteger queues;
        private BenchmarkStore store;

        @Setup(Level.Iteration)
        public void open() {
            store = BenchmarkStore.open();
            queues = new AtomicInteger();
        }

        @TearDown(Level.Iteration)
        public void close() {
            store.close();
        }

        private Appender appender() {
            return new Appender(store.storage(), store.storage().queue("bench", queues.getAndIncrement()), record);
        }
    }

    /** What an event loop has for itself. */
    @State(Scope.Thread)
    public static class PerThread {
        private Appender appender;

        @Setup(Level.Iteration)
        public void open(Shared shared) {
            appender = shared.appender();
        }
    }

    /** One message a batch: one connection with one send in flight. */
    @Benchmark
    @Threads(1)
    public long batchesOf1OneThread(PerThread mine) {
        return mine.appender.append(1);
    }

    /** One message a batch, two loops. */
    @Benchmark
    @Threads(2)
    public long batchesOf1TwoThreads(PerThread mine) {
        return mine.appender.append(1);
    }

    /** 64 messages a batch: what one read of a busy socket brings. */
    @Benchmark
    @Threads(1)
    @OperationsPerInvocation(BATCH)
    public long batchesOf64OneThread(PerThread mine) {
        return mine.appender.append(BATCH);
    }

    /** 64 messages a batch, two loops. */
    @Benchmark
    @Threads(2)
    @OperationsPerInvocation(BATCH)
    public long batchesOf64TwoThreads(PerThread mine) {
        return mine.appender.append(BATCH);
    }
}
