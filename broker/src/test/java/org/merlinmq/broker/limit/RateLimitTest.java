package org.merlinmq.broker.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.merlinmq.testkit.Seeds;

class RateLimitTest {
    private static final long SECOND = 1_000_000_000;

    private static RateLimit limit(long messages, long bytes, int burstMillis) {
        RateLimit limit = new RateLimit(RateLimit.Kind.TOPIC, "T");
        limit.set(new RateLimit.Rates(messages, bytes, Duration.ofMillis(burstMillis)));
        return limit;
    }

    @Test
    void whatWasSavedUpGoesAtOnceAndTheRestAtTheRate() {
        RateLimit limit = limit(10, 0, 1_000);
        long now = -5 * SECOND;
        for (int i = 0; i < 11; i++) {
            assertThat(limit.reserve(now, 1, 100, 2 * SECOND))
                    .as("message %d", i)
                    .isZero();
        }
        assertThat(limit.reserve(now, 1, 100, 2 * SECOND)).isEqualTo(SECOND / 10);
        assertThat(limit.reserve(now, 1, 100, 2 * SECOND)).isEqualTo(SECOND / 5);
        assertThat(limit.reserve(now, 1, 100, SECOND / 5)).isEqualTo(RateLimit.TOO_LONG);
        assertThat(limit.reserve(now + SECOND, 1, 100, 0)).isZero();
    }

    @Test
    void whatIsLargerThanTheBurstGoesToo() {
        RateLimit limit = limit(0, 1_000, 100);
        assertThat(limit.reserve(0, 1, 5_000, 0)).isZero();
        assertThat(limit.reserve(0, 1, 1, Long.MAX_VALUE)).isEqualTo(5 * SECOND - SECOND / 10);
    }

    @Test
    void ofTwoRatesTheSlowerOneHolds() {
        RateLimit limit = limit(1_000, 1_000, 0);
        assertThat(limit.reserve(0, 1, 500, 0)).isZero();
        assertThat(limit.reserve(0, 1, 500, SECOND)).isEqualTo(SECOND / 2);
        assertThat(limit.reserve(0, 1, 500, SECOND / 2)).isEqualTo(RateLimit.TOO_LONG);
        // What was refused for its bytes has not used up the messages.
        assertThat(limit.reserve(SECOND, 1, 1, 0)).isZero();
    }

    @Test
    void overTimeAsMuchGoesAsTheRateSays() {
        Seeds.forEach(20, random -> {
            long rate = 1L + random.nextInt(200_000);
            RateLimit limit = limit(rate, 0, random.nextInt(2_000));
            long now = 0;
            long gone = 0;
            while (now < 20 * SECOND) {
                long wait = limit.reserve(now, 1, 10, Long.MAX_VALUE);
                now += wait;
                gone++;
                if (random.nextInt(1000) == 0) {
                    now += random.nextInt(1_000_000);
                }
            }
            double saved = limit.rates().burst().toMillis() / 1000.0 * rate + 2;
            assertThat((double) gone)
                    .isCloseTo(20.0 * rate + saved / 2, Percentage.withPercentage(100 * (saved + 1) / (20.0 * rate)));
            assertThat(gone).isLessThanOrEqualTo((long) (20.2 * rate + saved));
        });
    }

    @Test
    void afterTheWaitThereIsAsMuchAsWasWaitedFor() {
        Seeds.forEach(2000, random -> {
            long rate = 1L + random.nextInt(random.nextBoolean() ? 200 : 100_000);
            RateLimit limit = limit(rate, 0, 1_000);
            long now = random.nextLong(-SECOND, 1000 * SECOND);
            limit.take(now, 2 * rate, 10);
            now += limit.waitNanos(now, 32);
            long useful = Math.clamp(Math.ceilDiv(rate, 50L), 1, 32);
            assertThat(limit.messagesNow(now, 32)).as("at %d a second", rate).isEqualTo((int) useful);
        });
    }

    @Test
    void pullsGetWhatTheRateSays() {
        Seeds.forEach(20, random -> pullForAMinute(1L + random.nextInt(100_000), random));
    }

    @Test
    void pullsAtLowRatesAreNotAnsweredForEachMessage() {
        Seeds.forEach(5, random -> {
            for (long rate = 40; rate <= 130; rate++) {
                pullForAMinute(rate, random);
            }
        });
    }

    private static void pullForAMinute(long rate, RandomGenerator random) {
        RateLimit limit = limit(rate, 0, 200);
        long now = 0;
        long given = 0;
        int answers = 0;
        while (now < 60 * SECOND) {
            long wait = limit.waitNanos(now, 32);
            if (wait > 0) {
                now += wait;
                continue;
            }
            int messages = limit.messagesNow(now, 32);
            assertThat(messages).isBetween(1, 32);
            limit.take(now, messages, 10);
            given += messages;
            answers++;
            now += random.nextInt(50_000);
        }
        assertThat((double) given)
                .as("messages at %d a second", rate)
                .isCloseTo(60.0 * rate + 0.2 * rate, Percentage.withPercentage(2 + 100.0 / rate));
        assertThat(answers)
                .as("answers in a minute at %d messages a second", rate)
                .isLessThanOrEqualTo((int) Math.max(60 * 60, 62 * rate / 16));
    }

    @Test
    void withoutRatesNothingWaits() {
        RateLimit limit = limit(0, 0, 0);
        assertThat(limit.reserve(0, 1_000_000, 1L << 40, 0)).isZero();
        assertThat(limit.waitNanos(0, 32)).isZero();
        assertThat(limit.messagesNow(0, 32)).isEqualTo(32);
        assertThat(limit.bytesNow(0, 1 << 20)).isEqualTo(1 << 20);
    }

    @Test
    void aBurstShorterThanAMessageStillLetsMessagesGo() {
        RateLimit limit = limit(1, 0, 10);
        assertThat(limit.waitNanos(0, 32)).isZero();
        assertThat(limit.messagesNow(0, 32)).isEqualTo(1);
        limit.take(0, 1, 10);
        assertThat(limit.waitNanos(0, 32)).isPositive();
        assertThat(limit.waitNanos(SECOND, 32)).isZero();
    }

    @Test
    void aChangedRateHoldsAtOnce() {
        RateLimit limit = limit(1, 0, 0);
        limit.reserve(0, 1, 1, 0);
        assertThat(limit.reserve(0, 1, 1, SECOND)).isEqualTo(SECOND);
        limit.set(RateLimit.Rates.NONE);
        assertThat(limit.reserve(0, 1, 1, 0)).isZero();
    }

    @Test
    void attributesSayWhatIsLimited() {
        assertThat(LimitRules.rates(Map.of(), LimitRules.SEND).none()).isTrue();
        assertThat(LimitRules.rates(Map.of("limit.send.messages", "5"), LimitRules.SEND))
                .isEqualTo(new RateLimit.Rates(5, 0, Duration.ofSeconds(1)));
        assertThat(LimitRules.rates(Map.of("limit.send.messages", "5"), LimitRules.DELIVER)
                        .none())
                .isTrue();
        Map<String, String> all = Map.of("limit.deliver.bytes", "7", "limit.deliver.burst", "0");
        assertThat(LimitRules.rates(all, LimitRules.DELIVER)).isEqualTo(new RateLimit.Rates(0, 7, Duration.ZERO));
        assertThat(LimitRules.rates(Map.of("limit.send.messages", "many"), LimitRules.SEND)
                        .none())
                .isTrue();
        assertThat(LimitRules.check("limit.send.messages", "many")).contains("limit.send.messages", "many");
        assertThat(LimitRules.check("limit.send.tons", "1")).contains("unknown");
        assertThat(LimitRules.check("limit.send.burst", "60001")).contains("60000");
        assertThat(LimitRules.check("limit.send.burst", "60000")).isNull();
        assertThat(LimitRules.check("priority.factor", "many")).isNull();
    }
}
