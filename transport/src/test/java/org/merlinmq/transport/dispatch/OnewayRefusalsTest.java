package org.merlinmq.transport.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.code.ResponseCode;

class OnewayRefusalsTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final List<String> lines = new ArrayList<>();
    private final OnewayRefusals refusals = new OnewayRefusals(nanos::get, lines::add);

    private void refuse(int code) {
        refusals.add(code, "/10.0.0.1:5", ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "no group G");
    }

    @Test
    void allAreCountedAndOneInTenSecondsIsLogged() {
        for (int i = 0; i < 1000; i++) {
            refuse(15);
        }
        refuse(4711);
        assertThat(refusals.of(RequestCode.UPDATE_CONSUMER_OFFSET)).isEqualTo(1000);
        assertThat(refusals.of(RequestCode.HEART_BEAT)).isZero();
        assertThat(lines)
                .containsExactly("oneway-request-refused code=15 peer=/10.0.0.1:5 answer=26 cause=\"no group G\""
                        + " not-logged-before=0");
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        refuse(15);
        assertThat(lines).hasSize(2);
        assertThat(lines.get(lines.size() - 1)).endsWith("not-logged-before=1000");
    }
}
