package org.merlinmq.verification.idle;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;
import org.merlinmq.verification.clients.SteadyClient;
import org.merlinmq.verification.server.Repository;
import org.merlinmq.verification.server.Server;
import org.merlinmq.verification.server.SharedServer;

/** Thousands of connections that say nothing, or not all that they began to say, while a client works. */
@Isolated("ten thousand sockets at once, and figures of one process")
class IdleConnectionsTest {
    private static final int CONNECTIONS = Integer.getInteger("connections", 10_000);

    /** What the process that holds the other ends, and the server, have open besides. */
    private static final int OTHER_FILES = 1_000;

    private static final int SOME = 500;

    /** A heap in which careless connections would not fit: its end would be the server's end. */
    private static final String HEAP = "-Xmx96m";

    private static final long MOST_HELD_BYTES_EACH = 4 << 10;
    private static final long MOST_RESIDENT_BYTES_EACH = 16 << 10;
    private static final int MORE_FILES = 16;

    private final Path folder = SharedServer.freshFolder("idle-");
    private final List<SocketChannel> idle = new ArrayList<>(CONNECTIONS);

    @Test
    void aClientGoesOnBesideThousandsOfIdleConnections() throws Exception {
        assumeFiles();
        Path data = folder.resolve("data");
        try (Server server = Server.merlin(folder, data, Map.of(), HEAP);
                SteadyClient client = SteadyClient.start(
                        folder, "127.0.0.1:" + server.nameserver().getPort(), "Steady")) {
            client.awaitMore(SOME);
            Gauges gauges = new Gauges(data);
            Gauges.Reading before = gauges.read();
            long began = System.nanoTime();
            open(server.broker());
            await("all connections", () -> gauges.connections() >= before.connections() + CONNECTIONS);
            long openMillis = (System.nanoTime() - began) / 1_000_000;
            client.awaitMore(SOME);
            Gauges.Reading open = gauges.read();
            compare(before, open, openMillis);

            close();
            await("the end of all connections", () -> gauges.connections() <= before.connections());
            client.awaitMore(SOME);
            await("files are closed", () -> gauges.files() <= before.files() + MORE_FILES);
            assertThat(gauges.read().heldBytes())
                    .as("heap and direct buffers once they are closed")
                    .isLessThan(before.heldBytes() + CONNECTIONS * MOST_HELD_BYTES_EACH / 4);
            mustHaveAll(client);
        } finally {
            close();
        }
    }

    private static void compare(Gauges.Reading before, Gauges.Reading open, long openMillis) throws IOException {
        assertThat(open.connections())
                .as("connections: none was closed")
                .isGreaterThanOrEqualTo(before.connections() + CONNECTIONS);
        // The store opens and closes files of its own meanwhile.
        assertThat(open.files()).as("open files").isGreaterThanOrEqualTo(before.files() + CONNECTIONS - MORE_FILES);
        assertThat(open.threads())
                .as("threads: none for a connection")
                .isLessThanOrEqualTo(before.threads() + Runtime.getRuntime().availableProcessors());
        long held = (open.heldBytes() - before.heldBytes()) / CONNECTIONS;
        long resident = (open.residentBytes() - before.residentBytes()) / CONNECTIONS;
        Repository.addTotal(
                "idle: %,d connections, a tenth half-open, opened in %d ms; %d bytes of heap and buffers and %d of the process each; threads %d, before %d"
                        .formatted(CONNECTIONS, openMillis, held, resident, open.threads(), before.threads()));
        assertThat(held).as("heap and direct buffers a connection").isLessThan(MOST_HELD_BYTES_EACH);
        assertThat(resident).as("memory of the process a connection").isLessThan(MOST_RESIDENT_BYTES_EACH);
    }

    private static void mustHaveAll(SteadyClient client) throws InterruptedException {
        SteadyClient.Count all = client.end();
        assertThat(all.failed())
                .as("sends not acknowledged: %s", client.errors())
                .isZero();
        assertThat(all.missing()).as("acknowledged and never received").isZero();
        assertThat(all.acknowledged()).isGreaterThanOrEqualTo(3 * SOME);
    }

    /** Each tenth begins a frame and stops somewhere in it: in the length, the header or the body. */
    private void open(InetSocketAddress broker) throws IOException {
        ByteWriter whole = new ByteWriter();
        Frame begun = Frame.request(RequestCode.HEART_BEAT, null, new byte[300]).withRequestId(1);
        FrameCodec.encode(begun, whole);
        for (int i = 0; i < CONNECTIONS; i++) {
            SocketChannel channel = SocketChannel.open(broker);
            idle.add(channel);
            if (i % 10 == 0) {
                int cut = 1 + i / 10 % (whole.length() - 1);
                channel.write(ByteBuffer.wrap(whole.array(), 0, cut));
            }
        }
    }

    /** Every other one in good order, the others by a reset. */
    private void close() throws IOException {
        boolean reset = false;
        for (SocketChannel channel : idle) {
            if (reset) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
            channel.close();
            reset = !reset;
        }
        idle.clear();
    }

    private static void assumeFiles() {
        Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "figures of a process are read from /proc");
        long limit = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
                .getMaxFileDescriptorCount();
        Assumptions.assumeTrue(
                limit >= CONNECTIONS + OTHER_FILES,
                "a process may open " + limit + " files and " + (CONNECTIONS + OTHER_FILES) + " are needed: ulimit -n");
    }

    private static void await(String what, java.util.concurrent.Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(100))
                .until(condition);
    }
}
