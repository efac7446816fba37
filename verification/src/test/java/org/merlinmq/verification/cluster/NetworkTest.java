package org.merlinmq.verification.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.merlinmq.verification.server.SharedServer;

/** Machines reach each other by name; packets of one direction can be dropped, and all that go out delayed. */
class NetworkTest {
    private static final String CONNECT = "exec 3<>/dev/tcp/one/9876";

    private final Path folder = SharedServer.freshFolder("network-");

    @Test
    void packetsOfOneDirectionAreDropped() throws Exception {
        try (Network network = Network.of(folder, "one", "two", "three")) {
            Host one = network.host("one");
            Host two = network.host("two");
            Member server = new Member(one, "mqnamesrv", List.of());
            server.start();
            try {
                server.awaitReady();
                assertThat(two.run("hostname")).isEqualTo("two");
                connects(two);
                one.drop(two, PacketFilter.ALL_PER_MILLE);
                assertThat(waits(two, one)).as("its first packet arrives").isFalse();
                connects(network.host("three"));
                one.drop(two, 0);
                connects(two);
                two.drop(one, PacketFilter.ALL_PER_MILLE);
                assertThat(waits(two, one)).as("its first packet arrives").isTrue();
                two.drop(one, 0);
                connects(two);
                two.slow(20, 512);
                connects(two);
                two.quick();
                connects(two);
            } finally {
                server.kill();
            }
        }
    }

    /** The program as text: what the kernel makes of it, the other test shows. */
    @Test
    void aFilterDropsWhatComesFromOneAddressAndNothingElse() {
        assertThat(PacketFilter.program(Map.of())).isEqualTo("5,40 0 0 12,21 1 0 2048,6 0 0 0,32 0 0 26,6 0 0 0");
        assertThat(PacketFilter.program(Map.of(List.of(10, 77, 0, 3), 1_000)))
                .isEqualTo("7,40 0 0 12,21 1 0 2048,6 0 0 0,32 0 0 26,21 0 1 172818435,6 0 0 2,6 0 0 0");
        assertThat(PacketFilter.program(Map.of(List.of(10, 77, 0, 3), 100)))
                .isEqualTo("10,40 0 0 12,21 1 0 2048,6 0 0 0,32 0 0 26,21 0 4 172818435,"
                        + "32 0 0 4294963256,53 1 0 429496729,6 0 0 2,6 0 0 0,6 0 0 0");
    }

    private static void connects(Host from) throws IOException {
        assertThat(from.run(List.of("timeout", "20", "bash", "-c", CONNECT))).isEmpty();
    }

    /** Whether the server sees the first packet of a connection that does not come about. */
    private static boolean waits(Host from, Host server) throws Exception {
        Process client = new ProcessBuilder(from.inside(List.of("timeout", "2", "bash", "-c", CONNECT))).start();
        Awaitility.await("the attempt")
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !from.run("ss -Htn state syn-sent").isEmpty());
        boolean seen = false;
        while (client.isAlive()) {
            seen |= !server.run("ss -Htn state syn-recv").isEmpty();
        }
        assertThat(client.waitFor()).as("timeout's exit code").isEqualTo(124);
        return seen;
    }
}
