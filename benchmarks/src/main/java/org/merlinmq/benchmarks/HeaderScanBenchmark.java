package org.merlinmq.benchmarks;

import java.util.concurrent.TimeUnit;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.frame.HeaderForm;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Finding the fields of a request's header in place, as it is done once for each request. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HeaderScanBenchmark {
    private final FrameScan scan = new FrameScan();
    private final byte[] sendOf49 = Frames.sendOf49("bench", 0, Frames.body(128));
    private final byte[] sendOf55 = Frames.sendOf55("bench", 0, Frames.body(128));
    private final byte[] sendBinary = Frames.inForm(HeaderForm.BINARY, sendOf55);
    private final byte[] pull = Frames.pull("bench", 0);

    /** A JSON header as RocketMQ 4.9.7's client writes it: one-letter names, the properties in field {@code i}. */
    @Benchmark
    public int jsonSendOfClient49() {
        return send(sendOf49);
    }

    /** A JSON header as RocketMQ 5.5.0's client writes it: the broker's name comes with it. */
    @Benchmark
    public int jsonSendOfClient55() {
        return send(sendOf55);
    }

    /** The same fields in the binary form. */
    @Benchmark
    public int binarySend() {
        return send(sendBinary);
    }

    /** A pull with its subscription in the request; JSON. */
    @Benchmark
    public long jsonPull() {
        scan.scan(pull, 0, pull.length);
        return scan.longValue(scan.field("queueOffset")) + scan.field("topic");
    }

    private int send(byte[] frame) {
        scan.scan(frame, 0, frame.length);
        return scan.field('b') + scan.intValue(scan.field('e')) + scan.bodyAt();
    }
}
