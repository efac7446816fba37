package org.merlinmq.protocol.fuzz;

import java.util.List;
import java.util.stream.Stream;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.testkit.Golden;

/** Where the fuzzers start from. */
final class FuzzSeeds {
    private FuzzSeeds() {}

    static Stream<byte[]> frames() {
        return Stream.concat(
                Stream.of("route-request-json", "route-request-binary")
                        .map(name -> Golden.read(FuzzSeeds.class, name + ".hex")),
                all("frames"));
    }

    static Stream<byte[]> json() {
        return all("bodies");
    }

    private static Stream<byte[]> all(String folder) {
        return Golden.names(FuzzSeeds.class, folder).stream()
                .map(name -> Golden.read(FuzzSeeds.class, folder + '/' + name + ".hex"));
    }

    static Stream<byte[]> records() {
        ByteWriter v1 = new ByteWriter();
        ByteWriter v2 = new ByteWriter();
        byte[] body = Bytes.ascii("body");
        byte[] topic = Bytes.ascii("t".repeat(200));
        RecordWriter writer = new RecordWriter();
        for (ByteWriter out : List.of(v1, v2)) {
            writer.begin(out, body, 0, 4, topic, 0, out == v1 ? 5 : 200);
            out.putAscii("TAGS\u0001a\u0002KEYS\u0001b");
            writer.end(out);
            writer.bornHost(new byte[16], 1);
        }
        ByteWriter batch = new ByteWriter();
        BatchScan.append(batch, 1, body, Bytes.ascii("a\u0001b\u0002"));
        BatchScan.append(batch, 2, body, new byte[0]);
        return Stream.of(v1, v2, batch).map(ByteWriter::toByteArray);
    }
}
