package org.merlinmq.verification.clients;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/** Where a new clustering group starts that names a moment, on a server that takes no message for young. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
class StartTimestampTest {
    private final Path folder = SharedServer.freshFolder("start-");
    private Server server;

    @BeforeAll
    void startServer() {
        Assumptions.assumeTrue(
                Server.chosen().equals("merlin"),
                "RocketMQ takes what its page cache holds for young, whatever the setting: a new group starts at the"
                        + " beginning there");
        server = Server.start(folder, Map.of("accessMessageInMemoryMaxRatio", "0"));
    }

    @AfterAll
    void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.4.0", "4.9.8", "5.5.0"})
    void aNewGroupStartsAtTheMomentItNames(String version) throws Exception {
        try (ScenarioPlayer player = ScenarioPlayer.start(version, server, folder)) {
            player.play("start-timestamp-clustering");
        }
    }
}
