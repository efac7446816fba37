package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
    @Test
    void percentilesAreWithinABucket() {
        LatencyHistogram latencies = new LatencyHistogram();
        assertThat(latencies.percentile(0.5)).isZero();
        for (int i = 1; i <= 100_000; i++) {
            latencies.record(i * 1000L);
        }
        assertThat((double) latencies.percentile(0.5)).isCloseTo(50e6, Percentage.withPercentage(7));
        assertThat((double) latencies.percentile(0.99)).isCloseTo(99e6, Percentage.withPercentage(7));
        assertThat(latencies.percentile(0.000001)).isCloseTo(1000, within(70L));
    }

    @Test
    void anyTimeHasABucket() {
        LatencyHistogram latencies = new LatencyHistogram();
        latencies.record(-5);
        latencies.record(Long.MAX_VALUE);
        assertThat(latencies.percentile(1)).isPositive();
    }
}
