package org.merlinmq.protocol.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.merlinmq.protocol.message.BatchScan;
import org.merlinmq.protocol.message.RecordChecks;
import org.merlinmq.protocol.message.RecordView;

class RecordFuzzTest {
    private static final RecordView VIEW = new RecordView();
    private static final BatchScan BATCH = new BatchScan();

    static Stream<byte[]> seeds() {
        return FuzzSeeds.records();
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "2m")
    void anyBytesAreReadWithinTheirBounds(byte[] bytes) {
        RecordChecks.readsWithinBounds(VIEW, bytes);
        BATCH.on(bytes, 0, bytes.length);
        int end = 0;
        while (BATCH.next()) {
            assertThat(BATCH.bodyAt()).isGreaterThan(end);
            end = BATCH.propertiesAt() + BATCH.propertiesBytes();
            assertThat(end).isLessThanOrEqualTo(bytes.length);
        }
    }
}
