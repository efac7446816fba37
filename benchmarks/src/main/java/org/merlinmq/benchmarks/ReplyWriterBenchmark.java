package org.merlinmq.benchmarks;

import java.util.concurrent.TimeUnit;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.frame.ReplyWriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Writing the header of an answer straight into a connection's output. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReplyWriterBenchmark {
    private static final byte[] MSG_ID = Bytes.ascii("msgId");
    private static final byte[] QUEUE_ID = Bytes.ascii("queueId");
    private static final byte[] QUEUE_OFFSET = Bytes.ascii("queueOffset");
    private static final byte[] TRANSACTION_ID = Bytes.ascii("transactionId");
    private static final byte[] MSG_REGION = Bytes.ascii("MSG_REGION");
    private static final byte[] TRACE_ON = Bytes.ascii("TRACE_ON");
    private static final byte[] NEXT_BEGIN_OFFSET = Bytes.ascii("nextBeginOffset");
    private static final byte[] MIN_OFFSET = Bytes.ascii("minOffset");
    private static final byte[] MAX_OFFSET = Bytes.ascii("maxOffset");
    private static final byte[] SUGGEST = Bytes.ascii("suggestWhichBrokerId");

    @Param({"JSON", "BINARY"})
    public HeaderForm form = HeaderForm.JSON;

    private final ByteWriter out = new ByteWriter(4096);
    private final ReplyWriter writer = new ReplyWriter();
    private final byte[] messageId = Bytes.ascii("7F00000100002A9F000000000012D687");
    private final byte[] uniqueKey = Bytes.ascii("7F0000015A5A18B4AAC2000000000000");
    private final byte[] region = Bytes.ascii("DefaultRegion");
    private final byte[] yes = Bytes.ascii("true");
    private long queueOffset = 1_000_000;

    /** The answer to a send. */
    @Benchmark
    public int sendReply() {
        out.clear();
        writer.begin(out, form, 0, 1000);
        writer.field(MSG_ID, messageId)
                .field(QUEUE_ID, 3)
                .field(QUEUE_OFFSET, queueOffset++)
                .field(TRANSACTION_ID, uniqueKey)
                .field(MSG_REGION, region)
                .field(TRACE_ON, yes);
        writer.endHeader();
        writer.end();
        return out.length();
    }

    /** The header of the answer to a pull. */
    @Benchmark
    public int pullReply() {
        out.clear();
        writer.begin(out, form, 0, 1000);
        writer.field(SUGGEST, 0)
                .field(NEXT_BEGIN_OFFSET, queueOffset++)
                .field(MIN_OFFSET, 0)
                .field(MAX_OFFSET, 2_000_000);
        writer.endHeader();
        writer.end();
        return out.length();
    }
}
