package org.merlinmq.protocol.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.merlinmq.protocol.frame.FrameChecks;
import org.merlinmq.protocol.frame.FrameScan;

class FrameFuzzTest {
    private static final FrameScan SCAN = new FrameScan();

    static Stream<byte[]> seeds() {
        return FuzzSeeds.frames();
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "2m")
    void anyBytesScanAsTheyDecode(byte[] bytes) {
        FrameChecks.scanAgreesWithCodec(SCAN, bytes);
        // Most mutations break the lengths: look at the rest as a header of either form, too.
        for (int form = 0; form < 2; form++) {
            FrameChecks.scanAgreesWithCodec(SCAN, FrameChecks.withHeader(form, bytes));
        }
    }
}
