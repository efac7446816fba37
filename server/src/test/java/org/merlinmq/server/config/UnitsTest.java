package org.merlinmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({"0,0", "512,512", "1k,1024", "64KB,65536", "16 MiB,16777216", "1g,1073741824", "2TB,2199023255552"})
    void readsSizes(String text, long bytes) {
        assertThat(Units.bytes(text)).isEqualTo(bytes);
        assertThat(Units.bytes(Units.text(bytes))).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1x", "1kk", "-1", "1.5g", "9999999999999999999"})
    void refusesWhatIsNoSize(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.bytes(text));
    }

    @ParameterizedTest
    @CsvSource({"500ms,500", "10s,10000", "5m,300000", "72h,259200000", "3d,259200000", "7,7"})
    void readsDurations(String text, long millis) {
        assertThat(Units.duration(text, "ms")).isEqualTo(Duration.ofMillis(millis));
        assertThat(Units.duration(Units.text(Duration.ofMillis(millis)), "none"))
                .isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "1y", "-1s", "1 5"})
    void refusesWhatIsNoDuration(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Units.duration(text, "ms"));
    }

    @Test
    void nearestIgnoresCaseAndSeesSwappedLetters() {
        assertThat(ClosestMatch.of("brokername", java.util.List.of("brokerId", "brokerName", "brokerRole")))
                .isEqualTo("brokerName");
        assertThat(ClosestMatch.distance("prot", "port")).isEqualTo(1);
        assertThat(ClosestMatch.distance("", "abc")).isEqualTo(3);
    }
}
