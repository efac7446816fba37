package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.client.StartAt;

class TimesTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T10:00,1795424400000",
        "2026-11-23 10:00:00,1795424400000",
        "2026-11-23T10:00:00.500,1795424400500",
        "2026-11-23T09:00:00Z,1795424400000",
        "2026-11-23T12:00+03:00,1795424400000",
        "2026-11-23T12:00:00.5+0300,1795424400500",
        "2026-11-23T12:00+03,1795424400000",
        "2026-11-23T09:00Z,1795424400000",
        "2026-11-23T18:00[Asia/Tokyo],1795424400000",
        "2026-11-23T18:00+09:00[Asia/Tokyo],1795424400000",
        "2026-11-23,1795388400000",
        "1795424400000,1795424400000"
    })
    void timesAreReadInTheMachinesZoneUnlessTheySayOtherwise(String text, long millis) {
        assertThat(Times.startAt(text, BERLIN)).isEqualTo(StartAt.time(Instant.ofEpochMilli(millis)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"yesterday", "2026-13-45", "2026-11-23T25:00", "2026-11-23T", "1795424400", "2026-11-23Z", ""})
    void whatIsNoTimeIsRefusedWithExamples(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Times.startAt(text, BERLIN))
                .withMessageStartingWith(text + " is no time; write 2026-11-23, ")
                .withMessageEndingWith("; or first or last");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Times.timeMillis(text, BERLIN))
                .withMessageStartingWith(text + " is no time; write ")
                .satisfies(refused -> assertThat(refused).message().doesNotContain("first"));
    }
}
