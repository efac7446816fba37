package org.merlinmq.benchmarks;

import java.util.concurrent.TimeUnit;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordWriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Encoding one message with its properties as the log keeps it, checksum of the body included. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RecordEncodeBenchmark {
    @Param({"128", "1024"})
    public int bodyBytes;

    private final ByteWriter out = new ByteWriter(4096);
    private final byte[] topic = Bytes.ascii("bench");
    private final byte[] properties = Bytes.ascii(Frames.PROPERTIES);
    private final RecordWriter writer = new RecordWriter()
            .bornHost(new byte[] {127, 0, 0, 1}, 50_000)
            .storeHost(new byte[] {127, 0, 0, 1}, 10_911)
            .bornMillis(1_795_000_000_000L);
    private byte[] body = new byte[0];

    @Setup
    public void fill() {
        body = Frames.body(bodyBytes);
    }

    /** One record into a buffer that is used again and again. */
    @Benchmark
    public int encode() {
        out.clear();
        writer.begin(out, body, 0, body.length, topic, 0, topic.length);
        out.put(properties);
        return writer.end(out);
    }
}
