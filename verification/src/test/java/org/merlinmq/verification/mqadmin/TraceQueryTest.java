package org.merlinmq.verification.mqadmin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/**
 * The official mqadmin shows the trace of a message. In the script of {@link MqadminScript} it finds none: nothing there is
 * traced.
 */
@Execution(ExecutionMode.CONCURRENT)
class TraceQueryTest {
    @ParameterizedTest
    @ValueSource(strings = {"4.9.8", "5.5.0"})
    void aTracedMessageIsShownWithItsProducer(String version) throws Exception {
        Path folder = SharedServer.freshFolder("mqadmin-trace-");
        try (Server server = Server.start(folder.resolve("server"), Map.of("traceTopicEnable", "true"));
                Tool tool = new Tool(version, server, folder)) {
            tool.run(command("@traced AdminTraced"));
            String text = tool.run(command("queryMsgTraceById -i $key -n $ns"));
            assertThat(Printed.lines(Command.View.LINES, text))
                    .contains("#Type #ProducerGroup #ClientHost #SendTime #CostTimes #Status")
                    .filteredOn(line -> line.startsWith("Pub "))
                    .singleElement()
                    .asString()
                    .matches("Pub TRACED \\S+ TIME MS success");
        }
    }

    private static Command command(String line) {
        return new Command(line, List.of(line.split(" ")), Command.View.LINES);
    }
}
