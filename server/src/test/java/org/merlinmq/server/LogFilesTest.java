package org.merlinmq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.testkit.SimClock;

class LogFilesTest {
    private static final LogFiles.Limits WIDE = new LogFiles.Limits(1000, 10_000, Duration.ofDays(30));

    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();

    private LogFiles open(LogFiles.Limits limits) throws IOException {
        return LogFiles.open(folder, "broker", limits, clock);
    }

    private static void write(LogFiles files, String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        files.write(bytes, 0, bytes.length);
    }

    private String today() {
        return LocalDate.ofInstant(clock.instant(), clock.getZone()).toString();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    private String text(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }

    @Test
    void aFileThatWouldBecomeTooLargeIsSetAside() throws IOException {
        String day = today();
        try (LogFiles files = open(new LogFiles.Limits(10, 10_000, Duration.ofDays(30)))) {
            for (String line : List.of("12345678", "second", "third", "a line longer than a file may be", "last")) {
                write(files, line);
            }
        }
        assertThat(names())
                .containsExactly(
                        "broker." + day + ".1.log",
                        "broker." + day + ".2.log",
                        "broker." + day + ".3.log",
                        "broker." + day + ".4.log",
                        "broker.log");
        assertThat(text("broker." + day + ".2.log")).isEqualTo("second\n");
        assertThat(text("broker." + day + ".4.log")).isEqualTo("a line longer than a file may be\n");
        assertThat(text("broker.log")).isEqualTo("last\n");
    }

    @Test
    void aDaysFileIsSetAsideWhenAnotherDayBegins() throws IOException {
        String day = today();
        try (LogFiles files = open(WIDE)) {
            write(files, "before");
            clock.advance(Duration.ofDays(1));
            write(files, "after");
        }
        assertThat(text("broker." + day + ".1.log")).isEqualTo("before\n");
        assertThat(text("broker.log")).isEqualTo("after\n");
    }

    @Test
    void aStartGoesOnWithTheFileOfTheDayAndSetsThatOfAnotherAside() throws IOException {
        Path file = folder.resolve("broker.log");
        Files.writeString(file, "this morning\n");
        Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        try (LogFiles files = open(WIDE)) {
            write(files, "now");
        }
        assertThat(text("broker.log")).isEqualTo("this morning\nnow\n");
        Files.setLastModifiedTime(file, FileTime.from(clock.instant().minus(Duration.ofDays(2))));
        try (LogFiles files = open(WIDE)) {
            write(files, "two days later");
        }
        clock.advance(Duration.ofDays(-2));
        assertThat(text("broker." + today() + ".1.log")).isEqualTo("this morning\nnow\n");
        assertThat(text("broker.log")).isEqualTo("two days later\n");
    }

    @Test
    void noMoreThanTheBoundIsKept() throws IOException {
        try (LogFiles files = open(new LogFiles.Limits(10, 35, Duration.ofDays(30)))) {
            for (int i = 0; i < 50; i++) {
                write(files, "line " + (10 + i));
            }
        }
        assertThat(names()).hasSize(4);
        assertThat(text("broker.log")).isEqualTo("line 59\n");
        assertThat(text("broker." + today() + ".49.log")).isEqualTo("line 58\n");
        try (LogFiles files = open(new LogFiles.Limits(10, 20, Duration.ofDays(30)))) {
            assertThat(names()).as("with less to keep after a restart").hasSize(2);
            write(files, "on");
        }
    }

    @Test
    void filesThatAreTooOldAreDeletedAndOthersFilesAreNot() throws IOException {
        Files.writeString(folder.resolve("broker.notes.log"), "mine");
        Files.writeString(folder.resolve("broker.2026-99-99.1.log"), "no day");
        Files.writeString(folder.resolve("nameserver.2020-01-01.1.log"), "another server's");
        String day = today();
        try (LogFiles files = open(WIDE)) {
            write(files, "first");
            clock.advance(Duration.ofDays(1));
            write(files, "second");
            assertThat(names()).contains("broker." + day + ".1.log");
            clock.advance(Duration.ofDays(31));
            write(files, "third");
        }
        assertThat(names())
                .doesNotContain("broker." + day + ".1.log")
                .contains("broker.notes.log", "nameserver.2020-01-01.1.log");
    }

    @Test
    void oneFileHasOneWriter() throws IOException {
        try (LogFiles files = open(WIDE)) {
            assertThatThrownBy(() -> open(WIDE))
                    .hasMessageContaining("another process")
                    .hasMessageContaining("log.dir");
            write(files, "mine");
        }
        open(WIDE).close();
    }

    @Test
    void linesThatCannotBeWrittenAreCountedAndTheLogGoesOn() throws IOException {
        Path logs = folder.resolve("logs");
        try (LogFiles files =
                LogFiles.open(logs, "broker", new LogFiles.Limits(10, 10_000, Duration.ofDays(30)), clock)) {
            write(files, "12345678");
            Files.move(logs, folder.resolve("away"));
            Files.createFile(logs);
            write(files, "lost 1");
            write(files, "lost 2");
            Files.delete(logs);
            Files.createDirectory(logs);
            write(files, "too soon");
            clock.advance(Duration.ofSeconds(1));
            write(files, "found");
        }
        assertThat(Files.readString(folder.resolve("away/broker.log"))).isEqualTo("12345678\n");
        assertThat(text("logs/broker.log"))
                .contains("log-lines-lost lines=3 cause=")
                .endsWith("\nfound\n");
    }
}
