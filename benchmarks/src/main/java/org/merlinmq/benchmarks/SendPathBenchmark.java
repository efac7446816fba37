package org.merlinmq.benchmarks;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.merlinmq.protocol.frame.HeaderForm;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A send of 128 bytes from frame to answer, 64 of them a read. With {@code -prof gc}: {@code gc.alloc.rate.norm} is the
 * bytes that all threads of the process allocate for one send, the store's included.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SendPathBenchmark {
    private static final int PER_READ = 64;
    private static final int READS = 16;

    @Param({"JSON", "BINARY"})
    public HeaderForm form = HeaderForm.JSON;

    private byte[] frame;
    private ByteBuffer frames;
    private SendPath path;

    @Setup
    public void open() {
        frame = Frames.inForm(form, Frames.sendOf55(SendPath.TOPIC, 1, Frames.body(128)));
        frames = ByteBuffer.allocateDirect(PER_READ * frame.length);
        for (int i = 0; i < PER_READ; i++) {
            frames.put(frame);
        }
        path = new SendPath();
    }

    @TearDown
    public void close() {
        path.close();
    }

    /** Header scan, checks, record, append with write, queue entry and key, answer; no socket. */
    @Benchmark
    @OperationsPerInvocation(PER_READ * READS)
    public void withoutSocket() {
        path.handle(frame, READS, PER_READ);
    }

    /** The same with a real socket: one client that writes 64 sends at once and waits for 64 answers. */
    @Benchmark
    @OperationsPerInvocation(PER_READ)
    public void overLoopback() {
        path.roundTrip(frames, PER_READ);
    }
}
