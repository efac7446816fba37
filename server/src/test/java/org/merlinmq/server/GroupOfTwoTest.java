package org.merlinmq.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.client.ClientException;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.server.config.Assignment;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.ConfigException;
import org.merlinmq.server.config.ConfigLoader;
import org.merlinmq.server.config.Role;
import org.merlinmq.server.config.Settings;
import org.merlinmq.testkit.SimClock;

/** Two members of a group in one process: who leads, and how that changes while both run. */
class GroupOfTwoTest {
    @TempDir
    Path temp;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final int[] ports = {freePort(), freePort()};
    private final int[] logPorts = {freePort(), freePort()};

    @AfterEach
    void stopAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void await(String what, Callable<Boolean> holds) throws Exception {
        long started = System.nanoTime();
        while (!holds.call()) {
            assertThat(System.nanoTime() - started).as(what).isLessThan(TimeUnit.SECONDS.toNanos(60));
            LockSupport.parkNanos(5_000_000);
        }
    }

    private Node start(Role role, String... settings) throws Exception {
        Config config = config(role, settings);
        DataFolder folder = DataFolder.open(config.value(Settings.DATA), config.role());
        open.add(folder);
        Node node = Node.start(config, folder, SimClock.ticking());
        open.add(node);
        return node;
    }

    private static Config config(Role role, String... settings) throws ConfigException {
        List<Assignment> given = new ArrayList<>();
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            given.add(new Assignment("test", parts[0], parts[1]));
        }
        return ConfigLoader.load(role, null, Map.of(), given);
    }

    private Node member(int number, String nameserver) throws Exception {
        return member(number, nameserver, logPorts, 2);
    }

    /** {@code seen}: at which ports the others find its log. */
    private Node member(int number, String nameserver, int[] seen, int inSync) throws Exception {
        return start(
                Role.BROKER,
                "data=" + temp.resolve("member-" + number),
                "bind=127.0.0.1",
                "brokerIP1=127.0.0.1",
                "brokerName=broker-a",
                "brokerId=" + number,
                "brokerRole=" + (number > 0 ? "SLAVE" : inSync > 1 ? "SYNC_MASTER" : "ASYNC_MASTER"),
                "inSyncReplicas=" + inSync,
                "broker.members=0@127.0.0.1:" + seen[0] + ";1@127.0.0.1:" + seen[1],
                "namesrvAddr=" + nameserver,
                "broker.vip-port=false",
                "listenPort=" + ports[number],
                "haListenPort=" + logPorts[number],
                "console.port=0",
                "storage.segment=4m",
                "storage.disk-force=99", // the disk is the machine's and may be fuller than the defaults allow
                "storage.disk-refuse=99");
    }

    private String address(int member) {
        return "127.0.0.1:" + ports[member];
    }

    /** Its ports are closed for a moment while it takes a role. */
    private void awaitRole(Admin admin, int member, String role) throws Exception {
        await(member + " as " + role, () -> {
            ReplicationStatus status = status(admin, member);
            return status != null && status.role().equals(role);
        });
    }

    private String nameserver() throws Exception {
        return requireNonNull(
                start(Role.NAMESERVER, "data=" + temp.resolve("ns"), "bind=127.0.0.1", "nameserver.port=0")
                        .addresses()
                        .get("nameserver"));
    }

    private static void awaitRoute(Admin admin, Map<Long, String> addresses) throws Exception {
        await("the route " + addresses, () -> {
            BrokerAddresses group = admin.cluster().brokerAddrTable().get("broker-a");
            return group != null && group.brokerAddrs().equals(addresses);
        });
    }

    /** Passes connections on to a port, until the link is cut. */
    private static final class Link implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
        private final AtomicInteger ended = new AtomicInteger();
        private volatile boolean cut;

        Link(int port) throws IOException {
            Thread.ofVirtual().start(() -> {
                while (!server.isClosed()) {
                    try {
                        Socket from = server.accept();
                        Socket to = new Socket(InetAddress.getLoopbackAddress(), port);
                        sockets.addAll(List.of(from, to));
                        if (cut) {
                            closeAll();
                        }
                        Thread.ofVirtual().start(() -> copy(from, to));
                        Thread.ofVirtual().start(() -> copy(to, from));
                    } catch (IOException away) {
                        // The member is not there, or the test ends.
                        ended.incrementAndGet();
                    }
                }
            });
        }

        private void copy(Socket from, Socket to) {
            try (from;
                    to) {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException closed) {
                ended.incrementAndGet();
            }
        }

        int port() {
            return server.getLocalPort();
        }

        void cut() throws IOException {
            cut = true;
            closeAll();
        }

        void mend() {
            cut = false;
        }

        private void closeAll() throws IOException {
            for (Socket each : sockets) {
                each.close();
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
            closeAll();
        }
    }

    @Test
    void anAsyncMasterThatIsCutOffFromItsSlaveHearsFromTheNameserverThatItWasDeposed() throws Exception {
        String nameserver = nameserver();
        Link[] links = {new Link(logPorts[0]), new Link(logPorts[1])};
        open.addAll(List.of(links));
        int[] seen = {links[0].port(), links[1].port()};
        member(0, nameserver, seen, 1);
        member(1, nameserver, seen, 1);
        try (Admin admin = Admin.open(ClientConfig.of(nameserver))) {
            awaitRole(admin, 0, ReplicationStatus.MASTER);
            awaitRole(admin, 1, ReplicationStatus.SLAVE);
            awaitRoute(admin, Map.of(0L, address(0), 1L, address(1)));
            admin.createTopic(TopicConfig.of("T", 1), List.of(address(0)));
            await("a send", () -> send(admin, 0));
            await("level", () -> end(admin, 0) == end(admin, 1));

            for (Link each : links) {
                each.cut();
            }
            admin.promote(address(1), true);
            awaitRole(admin, 1, ReplicationStatus.MASTER);
            await("a send to the new master", () -> send(admin, 1));
            // The next registration of the former one, which a change of topics brings about at once.
            admin.createTopic(TopicConfig.of("U", 1), List.of(address(0)));
            awaitRole(admin, 0, ReplicationStatus.STANDBY);
            assertThat(send(admin, 0)).as("at the former master").isFalse();
            awaitRoute(admin, Map.of(0L, address(1), 2L, address(0)));

            for (Link each : links) {
                each.mend();
            }
            awaitRole(admin, 0, ReplicationStatus.SLAVE);
            await("level again", () -> end(admin, 0) == end(admin, 1));
            assertThat(admin.topicConfigs(address(0))).doesNotContainKey("U");
        }
    }

    private boolean send(Admin admin, int member) {
        return send(admin, member, "T");
    }

    private boolean send(Admin admin, int member, String topic) {
        try {
            Map<String, String> fields = Map.of("a", "P", "b", topic, "c", "TBW102", "d", "4", "e", "0");
            admin.ask(address(member), RequestCode.SEND_MESSAGE_V2.number(), fields, new byte[] {1});
            return true;
        } catch (ClientException refused) {
            return false;
        }
    }

    /** A figure of replication that a scraper reads; not a number if it is not there. */
    private static double figure(Node member, String name) throws IOException {
        URI page = URI.create(requireNonNull(member.addresses().get("console")) + "metrics");
        try (InputStream in = page.toURL().openStream()) {
            Matcher sample = Pattern.compile("(?m)^merlinmq_replication_" + name + "\\{.*} (\\S+)$")
                    .matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return sample.find() ? Double.parseDouble(sample.group(1)) : Double.NaN;
        }
    }

    /** Null while its ports are closed. */
    private @Nullable ReplicationStatus status(Admin admin, int member) {
        try {
            return admin.replication(address(member));
        } catch (ClientException away) {
            return null;
        }
    }

    private long end(Admin admin, int member) {
        ReplicationStatus status = status(admin, member);
        return status == null ? -1 - member : status.endLogOffset();
    }

    @Test
    void theyChangeRolesByCommandAndKeepOneLog() throws Exception {
        String nameserver = nameserver();
        Node first = member(0, nameserver);
        Node second = member(1, nameserver);
        try (Admin admin = Admin.open(ClientConfig.of(nameserver))) {
            awaitRole(admin, 0, ReplicationStatus.MASTER);
            awaitRole(admin, 1, ReplicationStatus.SLAVE);
            await("the route", () -> {
                BrokerAddresses group = admin.cluster().brokerAddrTable().get("broker-a");
                return group != null && group.brokerAddrs().containsKey(0L);
            });
            admin.createTopic(TopicConfig.of("T", 1), List.of(address(0)));
            await("a send that has a copy", () -> send(admin, 0));
            for (int i = 0; i < 50; i++) {
                assertThat(send(admin, 0)).as("message %d", i).isTrue();
            }
            assertThat(send(admin, 1)).as("at the slave").isFalse();
            await("level", () -> end(admin, 0) == end(admin, 1));
            assertThat(admin.topicConfigs(address(1))).containsKey("T");

            await("the master's figures of its copy", () -> figure(first, "lag_bytes") == 0);
            assertThat(figure(first, "master")).isEqualTo(1);
            assertThat(figure(first, "copies_needed")).isEqualTo(1);
            assertThat(figure(first, "copies_in_sync")).isEqualTo(1);
            assertThat(figure(second, "master")).isZero();

            admin.updateBrokerConfig(address(1), Map.of("autoCreateTopicEnable", "false", "fileReservedTime", "47"));
            int epoch = requireNonNull(admin.replication(address(0))).epoch();
            admin.promote(address(1), false);
            awaitRole(admin, 1, ReplicationStatus.MASTER);
            awaitRole(admin, 0, ReplicationStatus.SLAVE);
            await("a send to the new master", () -> send(admin, 1));
            assertThat(requireNonNull(status(admin, 1)).epoch()).isGreaterThan(epoch);
            assertThat(send(admin, 0)).as("at the former master").isFalse();
            // What was changed while it ran holds on in the other role.
            assertThat(admin.brokerConfig(address(1)))
                    .containsEntry("autoCreateTopicEnable", "false")
                    .containsEntry("fileReservedTime", "47");
            assertThat(send(admin, 1, "Unknown"))
                    .as("to a topic that is not there")
                    .isFalse();
            await("level again", () -> end(admin, 0) == end(admin, 1));
            assertThat(admin.brokerConfig(address(0))).containsEntry("autoCreateTopicEnable", "true");
            assertThat(figure(second, "master")).isEqualTo(1);
            // The former master has no number of its own that a slave can have.
            awaitRoute(admin, Map.of(0L, address(1), 2L, address(0)));
        }
    }
}
