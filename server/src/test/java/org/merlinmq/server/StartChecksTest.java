package org.merlinmq.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.server.config.Assignment;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.ConfigException;
import org.merlinmq.server.config.ConfigLoader;
import org.merlinmq.server.config.Role;
import org.merlinmq.server.config.Settings;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.TestCertificates;

/** What keeps a broker from starting beside another one, and what its operator is warned about. */
class StartChecksTest {
    @TempDir
    Path temp;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void stopAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private Node start(Config config) throws StartRefusal {
        DataFolder folder = DataFolder.open(config.value(Settings.DATA), config.role());
        open.add(folder);
        Node node = Node.start(config, folder, SimClock.ticking());
        open.add(node);
        return node;
    }

    private static Config config(Role role, @Nullable Path file, String... settings) throws ConfigException {
        List<Assignment> given = new ArrayList<>();
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            given.add(new Assignment("test", parts[0], parts[1]));
        }
        return ConfigLoader.load(role, file, Map.of(), given);
    }

    private String nameserver() throws Exception {
        Config config =
                config(Role.NAMESERVER, null, "data=" + temp.resolve("ns"), "bind=127.0.0.1", "nameserver.port=0");
        return requireNonNull(start(config).addresses().get("nameserver"));
    }

    private Config broker(@Nullable Path file, String data, String... more) throws Exception {
        List<String> settings = new ArrayList<>(List.of(
                "data=" + temp.resolve(data),
                "bind=127.0.0.1",
                "broker.port=0",
                "broker.start-check=60s",
                "console.enabled=false",
                "storage.segment=4m",
                "storage.disk-force=99", // the disk is the machine's and may be fuller than the defaults allow
                "storage.disk-refuse=99"));
        settings.addAll(List.of(more));
        return config(Role.BROKER, file, settings.toArray(String[]::new));
    }

    private static StartRefusal refusal(ThrowingCallable start) {
        List<StartRefusal> refused = new ArrayList<>();
        assertThatThrownBy(start).isInstanceOfSatisfying(StartRefusal.class, refused::add);
        return refused.getFirst();
    }

    /** The classic mistake: the slave's machine has a copy of the master's file. */
    @Test
    void aSecondMasterOfANameIsRefusedAndLeavesNothingThatKeepsItsSlaveFromStarting() throws Exception {
        String nameserver = nameserver();
        Path file = Files.writeString(
                temp.resolve("broker-a.properties"),
                "brokerName=broker-a\nbrokerId=0\nnamesrvAddr=" + nameserver + "\n");
        Node first = start(broker(file, "first"));
        String address = requireNonNull(first.addresses().get("broker"));
        StartRefusal refused = refusal(() -> start(broker(file, "second")));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.sentence())
                .isEqualTo("brokerName=broker-a (" + file + ":1) and brokerId=0 (" + file
                        + ":2) are those of a broker that runs"
                        + " at " + address + ", as the nameserver " + nameserver
                        + " knows: two would take each other's place"
                        + " there, and clients would lose messages of one; start this one with its own file (a slave has"
                        + " brokerRole=SLAVE and a brokerId of its own, another master a brokerName of its own), or stop the"
                        + " other one first");
        assertThat(temp.resolve("second/identity")).doesNotExist();
        open.removeLast().close();
        Path other = Files.writeString(
                temp.resolve("broker-b.properties"), "brokerName=broker-b\nnamesrvAddr=" + nameserver + "\n");
        assertThat(start(broker(other, "second")).warnings()).isEmpty();
    }

    /** After kill -9 a nameserver may still have it: the address is its own, and nobody is asked. */
    @Test
    void aBrokerThatIsRegisteredAtItsOwnAddressIsNoSecondOne() throws Exception {
        String port = "broker.port=" + RocketMqFileTest.freePort();
        String namesrv = "namesrvAddr=" + nameserver();
        start(broker(null, "data", port, "brokerName=broker-a", namesrv));
        assertThat(refusal(() -> start(broker(null, "other", port, "brokerName=broker-a", namesrv)))
                        .sentence())
                .startsWith("port ")
                .contains("of the broker, set by " + port);
    }

    @Test
    void aSlavesFolderDoesNotStartWithItsMastersFile() throws Exception {
        Path data = Files.createDirectories(temp.resolve("slave"));
        new FolderIdentity.Claim(new FolderIdentity("DefaultCluster", "broker-a", 1, "0".repeat(32)), null, true)
                .keep(new RealDisk(), data);
        Path file = Files.writeString(temp.resolve("broker-a.properties"), "brokerName=broker-a\nbrokerId=0\n");
        StartRefusal refused = refusal(() -> start(broker(file, "slave")));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.sentence())
                .startsWith("the data folder " + data
                        + " belongs to the slave 1 of broker-a in the cluster DefaultCluster ("
                        + data.resolve("identity") + "), and this start is for another broker, by brokerId=0 (" + file
                        + ":2): ")
                .endsWith("or take this one over with --adopt");
        assertThat(data.resolve("merlin")).as("the store was not opened").doesNotExist();
        open.removeLast().close();
        start(broker(file, "slave", "data.adopt=true"));
    }

    @Test
    void oneLogHasOneBroker() throws Exception {
        String log = "storePathCommitLog=" + temp.resolve("disk/commitlog");
        start(broker(null, "first", log, "brokerName=broker-a"));
        StartRefusal refused = refusal(() -> start(broker(null, "second", log, "brokerName=broker-b")));
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.sentence())
                .isEqualTo(
                        "the commit log of " + log + " (test) is in use by another process, which holds "
                                + temp.resolve("disk/commitlog.lock")
                                + "; give this broker a storePathCommitLog of its own, or leave it out for commitlog in its data folder");
        start(broker(null, "third", "brokerName=broker-c"));
        String others = "storePathCommitLog=" + temp.resolve("third/commitlog");
        assertThat(refusal(() -> start(broker(null, "fourth", others, "brokerName=broker-d")))
                        .sentence())
                .contains("is in use by another process, which holds " + temp.resolve("third/broker.lock"));
        start(broker(null, "fifth", "storePathCommitLog=" + temp.resolve("fifth/commitlog"), "brokerName=broker-e"));
    }

    @Test
    void aNameserverThatIsNotReachedIsWarnedAboutAndTheBrokerStarts() throws Exception {
        Path file = Files.writeString(
                temp.resolve("b.properties"), "brokerName=b\nnamesrvAddr=127.0.0.1:1;" + nameserver());
        assertThat(start(broker(file, "data")).warnings())
                .singleElement()
                .asString()
                .startsWith("the nameserver 127.0.0.1:1 is not reached (cannot connect to 127.0.0.1:1: ")
                .contains("the broker starts without it and tries again every 3 s")
                .contains("that namesrvAddr=127.0.0.1:1;127.0.0.1:")
                .endsWith(" (" + file + ":2) names it");
    }

    @Test
    void aTakenPortIsNamedWithItsKeyAndPlace() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            Path file = Files.writeString(temp.resolve("ns.properties"), "# a port\nlistenPort=" + port + "\n");
            Config config = config(Role.NAMESERVER, file, "data=" + temp.resolve("ns"), "bind=127.0.0.1");
            StartRefusal refused = refusal(() -> start(config));
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.sentence())
                    .isEqualTo(
                            "port " + port + " of the nameserver, set by listenPort=" + port + " (" + file
                                    + ":2), is in use; stop what holds it, or choose another with --namesrv-port (0 = any free one)");
        }
    }

    private static final InetAddress HERE = address(10, 0, 1, 5);
    private static final InetAddress NAMESERVER = address(10, 0, 2, 9);

    private static InetAddress address(int... bytes) {
        try {
            return InetAddress.getByAddress(
                    new byte[] {(byte) bytes[0], (byte) bytes[1], (byte) bytes[2], (byte) bytes[3]});
        } catch (IOException tooMany) {
            throw new AssertionError(tooMany);
        }
    }

    private static @Nullable String unreachable(int containerBits, InetAddress remote, String... settings)
            throws Exception {
        Config config = config(Role.BROKER, null, settings);
        FolderIdentity owner = new FolderIdentity("C", "broker-a", 0, "");
        BrokerIdentity identity = ConfigMapping.identity(config, owner, 10911);
        return StartChecks.unreachable(config, identity, "ns1:9876", HERE, remote, containerBits);
    }

    @Test
    void anAddressThatOthersCannotReachIsWarnedAbout() throws Exception {
        assertThat(unreachable(0, NAMESERVER)).isNull();
        assertThat(unreachable(0, NAMESERVER, "brokerIP1=10.0.1.5")).isNull();
        assertThat(unreachable(0, NAMESERVER, "brokerIP1=127.0.0.1"))
                .isEqualTo(
                        "clients that ask the nameserver ns1:9876 cannot reach this broker: brokerIP1=127.0.0.1 (test) is"
                                + " 127.0.0.1, by which each machine reaches only itself; set the address that others reach this one"
                                + " by");
        assertThat(unreachable(0, InetAddress.getLoopbackAddress(), "brokerIP1=127.0.0.1"))
                .as("all are on one machine")
                .isNull();
        assertThat(unreachable(0, NAMESERVER, "brokerIP2=127.0.0.1"))
                .startsWith(
                        "slaves that ask the nameserver ns1:9876 cannot reach this broker: brokerIP2=127.0.0.1 (test)");
        assertThat(unreachable(0, NAMESERVER, "bindAddress=127.0.0.1"))
                .isEqualTo(
                        "clients that ask the nameserver ns1:9876 cannot reach this broker: bindAddress=127.0.0.1 (test)"
                                + " listens for this machine alone; set an address that others reach, or leave it out");
    }

    @Test
    void aContainersOwnAddressIsWarnedAboutWhereTheNameserverIsOutside() throws Exception {
        assertThat(unreachable(16, NAMESERVER)).as("in its network").isNull();
        assertThat(unreachable(24, NAMESERVER, "brokerIP1=192.0.2.1")).as("set").isNull();
        assertThat(Objects.requireNonNull(unreachable(24, NAMESERVER)))
                .isEqualTo("clients outside of this container may not reach this broker: it registers at the nameserver"
                        + " ns1:9876 with the container's own address, 10.0.1.5:10911; set brokerIP1 (--host) to the address of"
                        + " the machine, and publish the port under its own number");
    }

    @Test
    void aMemberWithASecretThatCanBeFoundByTryingDoesNotStart() throws Exception {
        Path secret = Files.writeString(temp.resolve("secret"), "short\n");
        Path file = Files.writeString(
                temp.resolve("m.properties"),
                "brokerName=a\nbroker.members=0@127.0.0.1:1;1@127.0.0.1:2\ninSyncReplicas=2\nbroker.members-secret="
                        + secret + "\n");
        StartRefusal refused = refusal(() -> start(broker(file, "data")));
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.sentence())
                .isEqualTo("broker.members-secret=" + secret + " (" + file
                        + ":4) cannot be used: expected a shared secret of at least 16 characters, found 5");
        Files.delete(secret);
        assertThat(refusal(() -> start(broker(file, "other"))).sentence()).endsWith("cannot be used: " + secret);
    }

    @Test
    void aMemberWhoseCertificateCannotBeUsedDoesNotStart() throws Exception {
        TestCertificates certificates = new TestCertificates(temp);
        certificates.make("expired", TestCertificates.EXPIRED);
        Path expired = certificates.certificate("expired");
        Path file = Files.writeString(
                temp.resolve("m.properties"),
                "brokerName=a\nbroker.members=0@127.0.0.1:1;1@127.0.0.1:2\ninSyncReplicas=2\nbroker.members-certificate="
                        + expired + "\nbroker.members-key=" + certificates.key("expired") + "\nbroker.members-trust="
                        + expired + "\n");
        StartRefusal refused = refusal(() -> start(broker(file, "data")));
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.sentence())
                .startsWith("broker.members-certificate=" + expired + " (" + file + ":4) cannot be used: " + expired
                        + " is valid from ")
                .endsWith(", not now: make a new one");
        Files.delete(certificates.key("expired"));
        assertThat(refusal(() -> start(broker(file, "other"))).sentence())
                .isEqualTo("broker.members-key=" + certificates.key("expired") + " (" + file + ":5) cannot be used: "
                        + certificates.key("expired") + " does not exist");
    }
}
