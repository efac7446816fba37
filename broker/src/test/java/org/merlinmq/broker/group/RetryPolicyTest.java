package org.merlinmq.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.SubscriptionGroup;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.transport.dispatch.Refusal;

/** The figures are those of RocketMQ 5.5.0's own policy classes. */
class RetryPolicyTest {
    private static SubscriptionGroup group(String policy) {
        return SubscriptionGroup.read(
                ("{\"groupName\":\"G\",\"groupRetryPolicy\":" + policy + "}").getBytes(StandardCharsets.UTF_8));
    }

    private static List<Long> delays(String policy, int... times) {
        List<Long> delays = new ArrayList<>();
        for (int each : times) {
            delays.add(RetryPolicy.of(group(policy)).delayMillis(each));
        }
        return delays;
    }

    @Test
    void exponentialDelaysGrowUpToTheirMaximum() {
        String policy = "{\"type\":\"EXPONENTIAL\",\"exponentialRetryPolicy\":"
                + "{\"initial\":1000,\"max\":60000,\"multiplier\":3}}";
        assertThat(delays(policy, 0, 1, 2, 3, 4, 100))
                .containsExactly(1_000L, 3_000L, 9_000L, 27_000L, 60_000L, 60_000L);
    }

    @Test
    void whatAnExponentialPolicyLeavesOutIsRocketMqs() {
        String policy = "{\"type\":\"EXPONENTIAL\",\"exponentialRetryPolicy\":{}}";
        assertThat(delays(policy, 0, 1, 10, 11)).containsExactly(5_000L, 10_000L, 5_120_000L, 7_200_000L);
    }

    @Test
    void largeFactorsEndAtTheMaximumAndNotBelowZero() {
        String policy = "{\"type\":\"EXPONENTIAL\",\"exponentialRetryPolicy\":"
                + "{\"initial\":9000000000,\"max\":9223372036854775807,\"multiplier\":9000000000}}";
        assertThat(delays(policy, 32)).containsExactly(Long.MAX_VALUE);
    }

    @Test
    void stepsBeginAtTheThirdAndStayAtTheLast() {
        String policy = "{\"type\":\"CUSTOMIZED\",\"customizedRetryPolicy\":{\"next\":[1,2,300,400,500]}}";
        assertThat(delays(policy, 0, 1, 2, 3, 99)).containsExactly(300L, 400L, 500L, 500L, 500L);
        assertThat(delays("{\"type\":\"CUSTOMIZED\",\"customizedRetryPolicy\":{\"next\":[7]}}", 0, 5))
                .containsExactly(7L, 7L);
    }

    @Test
    void withoutAPolicyOfItsOwnAGroupGoesByLevels() {
        assertThat(delays("{\"type\":\"CUSTOMIZED\"}", 0, 5)).containsOnly(RetryPolicy.BY_LEVEL);
        assertThat(delays("{\"type\":\"EXPONENTIAL\"}", 0)).containsOnly(RetryPolicy.BY_LEVEL);
        assertThat(RetryPolicy.of(SubscriptionGroup.of("G")).delayMillis(3)).isEqualTo(RetryPolicy.BY_LEVEL);
    }

    @Test
    void whatMakesNoSenseIsRefusedAndIfItIsThereAlreadyPassedOver() {
        for (String policy : List.of(
                "{\"type\":\"LINEAR\"}",
                "{\"type\":\"CUSTOMIZED\",\"customizedRetryPolicy\":{\"next\":[]}}",
                "{\"type\":\"CUSTOMIZED\",\"customizedRetryPolicy\":{\"next\":[5,-1]}}",
                "{\"type\":\"CUSTOMIZED\",\"customizedRetryPolicy\":{\"next\":[\"soon\"]}}",
                "{\"type\":\"EXPONENTIAL\",\"exponentialRetryPolicy\":{\"initial\":-1}}",
                "{\"type\":\"EXPONENTIAL\",\"exponentialRetryPolicy\":{\"multiplier\":0}}")) {
            Refusal refusal = RetryPolicy.check(group(policy));
            assertThat(refusal)
                    .as(policy)
                    .isNotNull()
                    .extracting(Refusal::code)
                    .isEqualTo(ResponseCode.INVALID_PARAMETER);
            assertThat(delays(policy, 1)).as(policy).containsExactly(RetryPolicy.BY_LEVEL);
        }
        assertThat(delays("{\"type\":\"EXPONENTIAL\",\"exponentialRetryPolicy\":{\"initial\":\"x\"}}", 1))
                .containsExactly(RetryPolicy.BY_LEVEL);
    }
}
