package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MomentTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T10:00,1795424400000",
        "2026-11-23 10:00:00,1795424400000",
        "2026-11-23T10:00:00.500,1795424400500",
        "2026-11-23T09:00:00Z,1795424400000",
        "2026-11-23T12:00+03:00,1795424400000",
        "2026-11-23,1795388400000",
        "1795424400000,1795424400000"
    })
    void timesAreReadInTheMachinesZoneUnlessTheySayOtherwise(String text, long millis) {
        assertThat(Moment.parse(text, BERLIN)).isEqualTo(new Moment(Moment.Kind.TIME, millis));
    }

    @Test
    void whatIsNoTimeIsRefusedWithExamples() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Moment.parse("yesterday", BERLIN))
                .withMessageContaining("yesterday is no time")
                .withMessageContaining("first, last");
    }
}
