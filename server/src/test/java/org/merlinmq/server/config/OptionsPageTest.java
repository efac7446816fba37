package org.merlinmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionsPageTest {
    @Test
    void pageInTheRepositoryIsTheOneMadeFromTheTable() throws IOException {
        Path page = Path.of("..", "docs", "operate", "options.md");
        assertThat(Files.readString(page))
                .as("run: bin/merlin options > docs/operate/options.md")
                .isEqualTo(OptionsPage.markdown());
    }
}
