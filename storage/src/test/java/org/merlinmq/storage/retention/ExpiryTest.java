package org.merlinmq.storage.retention;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExpiryTest {
    private static final long SEGMENT = 100;
    private static final Instant NOON = Instant.parse("2026-01-10T12:00:00Z");
    private static final Instant FOUR = Instant.parse("2026-01-10T04:30:00Z");
    private static final long OLD = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private static final long YOUNG = Instant.parse("2026-01-10T00:00:00Z").toEpochMilli();

    private final Expiry expiry = new Expiry(Duration.ofDays(3), List.of(4), 0.75, 0.85, 0.90);

    private Expiry.Plan plan(Instant now, int usedPercent, long... newest) {
        return expiry.plan(
                now, ZoneOffset.UTC, new Expiry.DiskUse(10_000, 100 * (100L - usedPercent)), SEGMENT, newest);
    }

    @Test
    void oldSegmentsGoInTheSetHourOnly() {
        assertThat(plan(FOUR, 10, OLD, OLD, YOUNG)).isEqualTo(new Expiry.Plan(2, 0, ""));
        assertThat(plan(NOON, 10, OLD, OLD, YOUNG)).isEqualTo(new Expiry.Plan(0, 0, ""));
    }

    @Test
    void oldSegmentsGoAtAnyHourWhenTheDiskFills() {
        assertThat(plan(NOON, 76, OLD, OLD, YOUNG).segments()).isEqualTo(2);
        assertThat(plan(NOON, 76, YOUNG).segments()).isZero();
    }

    @Test
    void youngSegmentsMakeRoomOnlyUntilThereIsEnough() {
        assertThat(plan(NOON, 86, OLD, YOUNG, YOUNG, YOUNG)).isEqualTo(new Expiry.Plan(1, 1, ""));
        assertThat(plan(NOON, 86, YOUNG, YOUNG, YOUNG, YOUNG)).isEqualTo(new Expiry.Plan(0, 2, ""));
    }

    @Test
    void whereNothingIsForcedYoungSegmentsStayAlsoOnADiskWithoutAFreeByte() {
        Expiry unforced = new Expiry(Duration.ofDays(3), List.of(4), 0.75, 1, 0.90);
        Expiry.Plan plan = unforced.plan(
                NOON, ZoneOffset.UTC, new Expiry.DiskUse(10_000, 0), SEGMENT, new long[] {OLD, YOUNG, YOUNG});
        assertThat(plan.segments()).isEqualTo(1);
        assertThat(plan.refusal()).contains("100.0 %");
    }

    @Test
    void anOldOneBehindAYoungOneStaysSinceTheLogHasNoGaps() {
        assertThat(plan(FOUR, 10, YOUNG, OLD).segments()).isZero();
    }

    @Test
    void aFullDiskRefusesWithTheNumbers() {
        assertThat(plan(NOON, 91, YOUNG).refusal()).contains("91.0 %").contains("90.0 %");
        assertThat(plan(NOON, 89, YOUNG).refusal()).isEmpty();
    }

    @Test
    void thereIsNeverMoreToDeleteThanThereIs() {
        assertThat(plan(FOUR, 99, OLD).segments()).isEqualTo(1);
        assertThat(plan(FOUR, 99).segments()).isZero();
    }
}
