package org.merlinmq.verification.clients;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/**
 * Scenarios that hold on Apache's server too: what they expect of ours is what RocketMQ does, and not what we believe it
 * does. All of a client's scenarios run there with {@code -Dverification.server=apache-5.5.0}; these are those that need
 * settings of the server, in seconds.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
class ApacheOracleTest {
    private static final String VERSION = "5.5.0";
    private static final String TRANSACTIONS = "transaction-checked,transaction-producer-gone,transaction-decided";

    private Server server;

    @BeforeAll
    void startServer() {
        Assumptions.assumeTrue(Server.chosen().equals("merlin"), "all scenarios are played on Apache's server anyway");
        Assumptions.assumeTrue(Server.hasApache(VERSION), "Apache's server is not there: verification/resolve apache");
        Map<String, String> settings =
                Map.of("recallMessageEnable", "true", "transactionTimeOut", "1000", "transactionCheckInterval", "4000");
        server = Server.apache(VERSION, SharedServer.freshFolder("oracle-"), settings);
    }

    @AfterAll
    void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> scenarios() throws Exception {
        List<Stream<DynamicTest>> runs = List.of(
                ClientRun.java("5.5.0", server, "timer-recall,timer-delays," + TRANSACTIONS),
                ClientRun.java("4.9.8", server, TRANSACTIONS),
                ClientRun.java("4.4.0", server, TRANSACTIONS));
        return runs.stream().flatMap(run -> run);
    }
}
