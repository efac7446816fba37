package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void numbersStandToTheRightAndNoLineEndsInBlanks() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Table("TOPIC", "QUEUES", "NOTE")
                .row("Orders", 8, "")
                .row("A", 16, "x")
                .print(new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly("TOPIC   QUEUES  NOTE", "Orders       8", "A           16  x");
    }
}
