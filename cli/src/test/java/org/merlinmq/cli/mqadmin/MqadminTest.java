package org.merlinmq.cli.mqadmin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** What needs no server. */
class MqadminTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Mqadmin.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    @Test
    void helpListsTheCommandsAndDescribesEach() {
        assertThat(run()).isZero();
        assertThat(out.toString()).contains("   topicRoute   ", "   clusterList   ", "   updateSubGroup   ");
        for (String command :
                out.toString().lines().filter(line -> line.startsWith("   ")).toList()) {
            String name = command.strip().split(" ", 2)[0];
            assertThat(run("help", name)).as(name).isZero();
            assertThat(out.toString()).contains("Usage: mqadmin " + name + " ");
        }
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void whatHasNoUseHereNamesWhatToUseInstead() {
        assertThat(run("updateStaticTopic", "-t", "T", "-qn", "2")).isEqualTo(1);
        assertThat(err.toString())
                .startsWith(
                        "mqadmin: updateStaticTopic has no use here: there are no static topics: create the topic with");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void wrongUsageIsOneSentenceAndCodeTwo() {
        assertThat(run("topicRout")).isEqualTo(2);
        assertThat(err.toString()).startsWith("mqadmin: there is no command topicRout; mqadmin help lists them");
        err.getBuffer().setLength(0);
        assertThat(run("topicRoute", "-n", "127.0.0.1:1")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("mqadmin: Missing required option: '--topic=")
                .contains("Try: mqadmin help topicRoute");
        err.getBuffer().setLength(0);
        assertThat(run("topicRoute", "-t", "T", "--no-such-option")).isEqualTo(2);
        assertThat(err.toString()).contains("'--no-such-option'");
        err.getBuffer().setLength(0);
        assertThat(run("brokerStatus", "-n", "127.0.0.1:1")).isEqualTo(2);
        assertThat(err.toString()).startsWith("mqadmin: -b or -c is missing");
    }

    @Test
    void anUnreachableServerIsAFailure() {
        assertThat(run("topicList", "-n", "127.0.0.1:1")).isEqualTo(1);
        assertThat(err.toString()).startsWith("mqadmin: no nameserver answered: 127.0.0.1:1 (");
    }

    @Test
    void timesAreMillisecondsOrAsRocketMqWritesThem() {
        assertThat(Times.millis("-s", "1700000000000", ZoneOffset.UTC)).isEqualTo(1_700_000_000_000L);
        assertThat(Times.millis("-s", "0", ZoneOffset.UTC)).isZero();
        assertThat(Times.millis("-s", "2023-11-14#22:13:20:000", ZoneOffset.UTC))
                .isEqualTo(1_700_000_000_000L);
        assertThatThrownBy(() -> Times.millis("-s", "yesterday", ZoneOffset.UTC))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("-s is milliseconds since 1970");
    }

    @Test
    void attributesAreChangesWithASign() {
        assertThat(TopicCommands.attributes("+message.type=FIFO,-reserve.time"))
                .containsEntry("+message.type", "FIFO")
                .containsEntry("-reserve.time", "");
        assertThatThrownBy(() -> TopicCommands.attributes("message.type=FIFO"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void jsonGetsALineForEachValue() {
        String line = System.lineSeparator();
        assertThat(Json.pretty("{\"a\":{},\"b\":[1,\"{,\\\"]\"]}"))
                .isEqualTo(String.join(line, "{", "\t\"a\":{},", "\t\"b\":[", "\t\t1,", "\t\t\"{,\\\"]\"", "\t]", "}"));
    }
}
