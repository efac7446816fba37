package org.merlinmq.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MerlinTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path temp;

    @Test
    void everyCommandHasHelp() {
        assertHelp(Merlin.commandLine());
    }

    @Test
    void helpMayStandFirst() {
        assertThat(Merlin.helpLast("help")).containsExactly("--help");
        assertThat(Merlin.helpLast("help", "topic", "list")).containsExactly("topic", "list", "--help");
        assertThat(Merlin.helpLast("send", "help", "me")).containsExactly("send", "help", "me");
        assertThat(Merlin.helpLast()).isEmpty();
    }

    @Test
    void wrongUsageIsTwo() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("starrt")).isEqualTo(2);
        assertThat(err.toString())
                .contains("merlin: there is no command starrt")
                .contains("start")
                .doesNotContain("Exception", "index");
        err.getBuffer().setLength(0);
        assertThat(run("topic", "lost")).isEqualTo(2);
        assertThat(run("version", "of", "what")).isEqualTo(2);
        assertThat(run("version", "--jsn")).isEqualTo(2);
        assertThat(err.toString().lines())
                .startsWith("merlin: there is no command lost")
                .contains("merlin: too many arguments: of what", "merlin: Unknown option: '--jsn'");
        assertThat(run("stop", "--dta", "x")).isEqualTo(2);
        assertThat(run("stop", "everything")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "topic create T --queues 0",
                "topic create T --queues -1",
                "topic create T --queues 65537",
                "topic create T --perm x",
                "topic update T --queues -1",
                "consume T --count -1",
                "message by-key T k --max 0",
                "message by-id zzz",
                "message by-id C000020268188118E7D974795A4F0000",
                "message by-offset T 0 -1",
                "message by-offset T 0 x",
                "message by-time T --from 2026-11-24 --to 2026-11-23",
                "message by-time T --from first",
                "message by-key T k --from 2026-11-24 --to 2026-11-23",
                "send T --batch 0",
                "send T --batch 1001",
                "send T --batch 2 --delay 1s",
                "send T x --batch 2",
                "send T x --timeout 0",
                "send T x --delay 999999999999d",
                "send T x --timeout 99999999999d"
            })
    void valuesThatCannotBeAreWrongUsageBeforeAnyServerIsAsked(String line) {
        assertThat(run(line.split(" "))).isEqualTo(2);
        assertThat(err.toString()).startsWith("merlin: ").doesNotContain("Exception");
    }

    @Test
    void whatFailsIsOneWithASentence() throws Exception {
        assertThat(run("stop", "--data", temp.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("runs on the data folder " + temp);
        Files.writeString(temp.resolve("merlin.pid"), ProcessHandle.current().pid() + "\n");
        assertThat(run("stop", "--data", temp.toString()))
                .as("a process that is no server of ours is left alone")
                .isEqualTo(1);
    }

    private static void assertHelp(CommandLine line) {
        assertThat(line.getCommandSpec().optionsMap()).as(line.getCommandName()).containsKeys("--help");
        assertThat(line.getUsageMessage()).isNotBlank();
        line.getSubcommands().values().forEach(MerlinTest::assertHelp);
    }

    private int run(String... arguments) {
        return Merlin.commandLine(arguments)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
