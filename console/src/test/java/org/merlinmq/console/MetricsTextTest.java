package org.merlinmq.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTextTest {
    @Test
    void samplesOfOneFamilyStandTogether() {
        String text = MetricsText.of(List.of(
                out -> out.gauge("a", "A.", 1, "x", "1"),
                out -> out.gauge("b", "B.", 2.5),
                out -> out.gauge("a", "A.", 3, "x", "2")));
        assertThat(text).isEqualTo("""
                        # HELP a A.
                        # TYPE a gauge
                        a{x="1"} 1
                        a{x="2"} 3
                        # HELP b B.
                        # TYPE b gauge
                        b 2.5
                        """);
    }

    @Test
    void bucketsOfHistogramsAreSummedUp() {
        String text = MetricsText.of(List.of(
                out -> out.histogram("t", "T.", new double[] {1, 10}, new long[] {2, 3, 4}, 99.5, "op", "send")));
        assertThat(text).isEqualTo("""
                        # HELP t T.
                        # TYPE t histogram
                        t_bucket{op="send",le="1"} 2
                        t_bucket{op="send",le="10"} 5
                        t_bucket{op="send",le="+Inf"} 9
                        t_sum{op="send"} 99.5
                        t_count{op="send"} 9
                        """);
    }

    @Test
    void aFamilyEndsAtItsLimitAndSaysHowMuchIsMissing() {
        int most = MetricsText.MAX_FAMILY_SERIES;
        String text = MetricsText.of(List.of(
                out -> {
                    for (int at = 0; at < most + 3; at++) {
                        out.gauge("a", "A.", 1, "x", "" + at);
                    }
                },
                out -> out.gauge("b", "B.", 2)));
        assertThat(text.lines().filter(line -> line.startsWith("a{"))).hasSize(most);
        assertThat(text).contains("\nb 2\n").endsWith("\nmerlinmq_metrics_left_out_series{family=\"a\"} 3\n");
    }

    @Test
    void aHistogramIsWrittenWholeOrNotAtAll() {
        int most = MetricsText.MAX_FAMILY_SERIES;
        String text = MetricsText.of(List.of(out -> {
            for (int at = 0; at < most / 4 + 1; at++) {
                out.histogram("t", "T.", new double[] {1}, new long[] {2, 3}, 9, "x", "" + at);
            }
        }));
        assertThat(text.lines().filter(line -> line.startsWith("t_bucket"))).hasSize(most / 4 * 2);
        assertThat(text.lines().filter(line -> line.startsWith("t_count"))).hasSize(most / 4);
        assertThat(text).contains("{family=\"t\"} 4\n");
    }

    @Test
    void valuesThatAreNoNumbersAreWrittenAsPrometheusReadsThem() {
        String text = MetricsText.of(List.of(
                out -> out.gauge("a", "A.", Double.NaN), out -> out.gauge("b", "B.", Double.POSITIVE_INFINITY)));
        assertThat(text).contains("\na NaN\n").contains("\nb +Inf\n");
    }

    @Test
    void bucketsMustFitTheBounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        MetricsText.of(List.of(out -> out.histogram("t", "T.", new double[] {1}, new long[] {2}, 0))));
    }
}
