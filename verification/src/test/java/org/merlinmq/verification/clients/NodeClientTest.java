package org.merlinmq.verification.clients;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

@ExtendWith(SharedServer.class)
@Execution(ExecutionMode.CONCURRENT)
class NodeClientTest {
    @TestFactory
    Stream<DynamicTest> scenarios(Server server) throws Exception {
        return ClientRun.node(server);
    }
}
