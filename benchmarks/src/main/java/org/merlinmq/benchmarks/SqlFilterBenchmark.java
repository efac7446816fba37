package org.merlinmq.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.merlinmq.broker.filter.FoundProperties;
import org.merlinmq.broker.filter.sql.SqlException;
import org.merlinmq.broker.filter.sql.SqlFilter;
import org.merlinmq.broker.filter.sql.SqlLimits;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Testing records of 100 bytes of body and eight properties against SQL92 expressions. About half of them match. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SqlFilterBenchmark {
    private static final int RECORDS = 256;
    private static final byte[] HOST = {10, 0, 0, 1};

    @Param({
        "size > 50",
        "size >= 20.5 AND color IN ('red', 'blue', 'green') AND region = 'eu'",
        "region = 'eu' AND (size BETWEEN 10 AND 60 OR color CONTAINS 'e') AND missing IS NULL"
    })
    public String expression = "";

    private final RecordView[] records = new RecordView[RECORDS];
    private final FoundProperties found = new FoundProperties();
    private SqlFilter filter;

    @Setup
    public void fill() throws SqlException {
        filter = SqlFilter.compile(expression, new SqlLimits(1000, 100, 50));
        SplittableRandom random = new SplittableRandom(1);
        ByteWriter out = new ByteWriter();
        int[] at = new int[RECORDS];
        for (int i = 0; i < RECORDS; i++) {
            at[i] = out.length();
            put(out, random);
        }
        for (int i = 0; i < RECORDS; i++) {
            records[i] = new RecordView();
            if (!records[i].on(out.array(), at[i], out.length() - at[i])) {
                throw new IllegalStateException("no record at " + at[i]);
            }
        }
    }

    private static void put(ByteWriter out, SplittableRandom random) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("UNIQ_KEY", Long.toHexString(random.nextLong()));
        properties.put("size", Integer.toString(random.nextInt(100)));
        properties.put("color", new String[] {"red", "blue", "green", "black"}[random.nextInt(4)]);
        properties.put("region", random.nextInt(10) == 0 ? "us" : "eu");
        properties.put("TAGS", "TagA");
        properties.put("MSG_REGION", "DefaultRegion");
        properties.put("TRACE_ON", "true");
        properties.put("CLUSTER", "DefaultCluster");
        RecordWriter writer = new RecordWriter().bornHost(HOST, 5000).storeHost(HOST, 10911);
        byte[] topic = Bytes.ascii("Orders");
        byte[] body = new byte[100];
        writer.begin(out, body, 0, body.length, topic, 0, topic.length);
        out.put(Bytes.utf8(MessageProperties.write(properties)));
        writer.end(out);
    }

    /** One record's test. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public int matches() {
        int matched = 0;
        for (RecordView record : records) {
            if (filter.matches(record, found)) {
                matched++;
            }
        }
        return matched;
    }
}
