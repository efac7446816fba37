package org.merlinmq.nameserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;

class LeaseWatchTest {
    /** A clock that fails the first time it is asked. */
    private static final class FailingOnce extends Clock {
        final AtomicInteger asked = new AtomicInteger();

        @Override
        public Instant instant() {
            if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("the clock failed");
            }
            return Instant.ofEpochMilli(1_000_000);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @Test
    void aScanThatFailsIsNotTheLast() {
        RouteRegistry registry = new RouteRegistry(new RouteBodies(topic -> null));
        BrokerAddress address = BrokerAddress.fixed("10.0.0.1:10911");
        registry.register(
                new BrokerRegistration(
                        "C",
                        "a",
                        0,
                        address,
                        address,
                        1_000,
                        false,
                        new DataVersion(1, 0, 7),
                        List.of(TopicConfig.of("T", 1), TopicConfig.of("U", 1)),
                        null),
                false,
                0);
        FailingOnce clock = new FailingOnce();
        try (LeaseWatch watch = new LeaseWatch(registry, 1, clock)) {
            watch.wake();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (registry.hasBrokers() && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
        }
        assertThat(clock.asked).hasValueGreaterThan(1);
        assertThat(registry.hasBrokers()).isFalse();
    }
}
