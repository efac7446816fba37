package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final AtomicLong nanos = new AtomicLong();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void shortWorkSaysNothing() {
        Progress progress = progress(true);
        progress.at("sent", 10, 0.1);
        progress.end();
        assertThat(text()).isEmpty();
    }

    @Test
    void terminalLineIsRewrittenAndCleared() {
        Progress progress = progress(true);
        nanos.set(1_000_000_000L);
        progress.at("sent", 5000, 0.25);
        progress.at("sent", 6000, 0.5);
        progress.end();
        assertThat(text())
                .startsWith("\rsent 5,000  5,000/s  25 %")
                .doesNotContain("6,000")
                .endsWith("\r");
    }

    @Test
    void elsewhereALineComesEveryFiveSeconds() {
        Progress progress = progress(false);
        for (int second = 1; second <= 11; second++) {
            nanos.set(second * 1_000_000_000L);
            progress.at("sent", second * 10L, -1);
        }
        progress.end();
        assertThat(text().lines()).containsExactly("sent 50  10/s", "sent 100  10/s");
    }

    private Progress progress(boolean terminal) {
        return new Progress(new PrintStream(err, true, StandardCharsets.UTF_8), terminal, nanos::get);
    }

    private String text() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
