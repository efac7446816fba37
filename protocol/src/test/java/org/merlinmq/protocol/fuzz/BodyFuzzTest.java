package org.merlinmq.protocol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.merlinmq.protocol.RandomRecords;
import org.merlinmq.protocol.body.BodyChecks;
import org.merlinmq.protocol.body.JsonBody;

class BodyFuzzTest {
    static Stream<byte[]> seeds() {
        RandomRecords records = new RandomRecords(RandomGenerator.of("L64X128MixRandom"));
        return IntStream.range(0, BodyChecks.BODIES.size()).mapToObj(kind -> {
            try {
                JsonBody body = (JsonBody) records.record(BodyChecks.BODIES.get(kind), false);
                byte[] json = body.write();
                byte[] seed = new byte[json.length + 1];
                seed[0] = (byte) kind;
                System.arraycopy(json, 0, seed, 1, json.length);
                return seed;
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** The first byte says which body the rest is read as. */
    @MethodSource("seeds")
    @FuzzTest(maxDuration = "2m")
    void anyBytesAreReadOrRefused(byte[] bytes) throws ReflectiveOperationException {
        if (bytes.length > 0) {
            BodyChecks.readsOrRefuses(bytes[0], Arrays.copyOfRange(bytes, 1, bytes.length));
        }
    }
}
