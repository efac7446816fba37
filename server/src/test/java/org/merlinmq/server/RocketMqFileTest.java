package org.merlinmq.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.identity.BrokerRole;
import org.merlinmq.broker.replicate.CopyConfig;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.nameserver.NameserverConfig;
import org.merlinmq.nameserver.NameserverSettings;
import org.merlinmq.protocol.body.BrokerAddresses;
import org.merlinmq.protocol.body.ClusterTable;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.replication.apache.StreamTiming;
import org.merlinmq.replication.core.ReplicationSettings;
import org.merlinmq.server.config.Assignment;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.ConfigLoader;
import org.merlinmq.server.config.Role;
import org.merlinmq.server.config.Settings;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.testkit.SimClock;

/** What the sixteen keys mean that every file of RocketMQ's users has. */
class RocketMqFileTest {
    private static final int TOO_LARGE = 13;
    private static final int NO_TOPIC = 17;

    @TempDir
    Path temp;

    private final List<AutoCloseable> open = new ArrayList<>();
    private String first = "";
    private String second = "";
    private int port;

    @BeforeEach
    void startNameservers() throws Exception {
        first = nameserver("ns1");
        second = nameserver("ns2");
        port = freePort();
    }

    @AfterEach
    void stopAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private static List<Assignment> local(Path data) {
        return List.of(
                new Assignment("test", "data", data.toString()),
                new Assignment("test", "bind", "127.0.0.1"),
                new Assignment("test", "nameserver.port", "0"));
    }

    private String nameserver(String name) throws Exception {
        Config config = ConfigLoader.load(Role.NAMESERVER, null, Map.of(), local(temp.resolve(name)));
        return requireNonNull(start(config).addresses().get("nameserver"));
    }

    private Node start(Config config) throws StartRefusal {
        DataFolder folder = DataFolder.open(config.value(Settings.DATA), config.role());
        open.add(folder);
        Node node = Node.start(config, folder, SimClock.ticking());
        open.add(node);
        return node;
    }

    /** One below it and one above it are free, too. */
    static int freePort() throws IOException {
        for (int attempt = 0; attempt < 1000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(12_000, 32_000);
            InetAddress here = InetAddress.getLoopbackAddress();
            try (ServerSocket main = new ServerSocket(port, 1, here);
                    ServerSocket below = new ServerSocket(port - 2, 1, here);
                    ServerSocket above = new ServerSocket(port + 1, 1, here)) {
                assertThat(main.isBound() && below.isBound() && above.isBound()).isTrue();
                return port;
            } catch (IOException taken) {
                assertThat(taken).hasMessageContaining("in use");
            }
        }
        throw new AssertionError("no free port");
    }

    private Config broker(String... changed) throws Exception {
        List<String> lines = new ArrayList<>(List.of(
                "brokerClusterName=TestCluster",
                "brokerName=broker-x",
                "brokerId=0",
                "deleteWhen=03;15",
                "fileReservedTime=48",
                "brokerRole=ASYNC_MASTER",
                "flushDiskType=SYNC_FLUSH",
                "namesrvAddr=" + first + ";" + second,
                "defaultTopicQueueNums=3",
                "autoCreateTopicEnable=true",
                "listenPort=" + port,
                "storePathRootDir=" + temp.resolve("root"),
                "storePathCommitLog=" + temp.resolve("elsewhere/commitlog"),
                "storePathConsumeQueue=" + temp.resolve("root/cq"),
                "storePathIndex=" + temp.resolve("root/ix"),
                "maxMessageSize=65536"));
        for (String line : changed) {
            String key = line.substring(0, line.indexOf('=') + 1);
            lines.removeIf(each -> each.startsWith(key));
            lines.add(line);
        }
        Path file = Files.write(temp.resolve("broker-x.properties"), lines);
        List<Assignment> machine = List.of(
                new Assignment("test", "bind", "127.0.0.1"),
                new Assignment("test", "console.enabled", "false"),
                new Assignment("test", "storage.segment", "4m"),
                new Assignment("test", "storage.disk-force", "99"), // the disk is the machine's, and may be full
                new Assignment("test", "storage.disk-refuse", "99"));
        return ConfigLoader.load(Role.BROKER, file, Map.of(), machine);
    }

    @Test
    void theBrokerIsFoundByEachNameserverUnderItsNameIdAndPort() throws Exception {
        start(broker());
        for (String nameserver : List.of(first, second)) {
            try (Admin admin = Admin.open(ClientConfig.of(nameserver))) {
                ClusterTable cluster = admin.cluster();
                assertThat(cluster.clusterAddrTable()).containsEntry("TestCluster", List.of("broker-x"));
                BrokerAddresses group = requireNonNull(cluster.brokerAddrTable().get("broker-x"));
                assertThat(group.brokerAddrs()).containsExactly(Map.entry(0L, "127.0.0.1:" + port));
                assertThat(admin.topicConfigs("127.0.0.1:" + port)).containsKey("TBW102");
            }
        }
    }

    @Test
    void theFilesLieWhereTheFileSays() throws Exception {
        Config config = broker();
        start(config);
        assertThat(temp.resolve("root/merlin")).isDirectory();
        assertThat(temp.resolve("root/broker.pid")).exists();
        assertThat(temp.resolve("elsewhere/commitlog/00000000000000000000")).exists();
        for (String none : List.of("root/commitlog", "root/cq", "root/ix")) {
            assertThat(temp.resolve(none)).doesNotExist();
        }
        assertThat(config.notNeeded()).containsExactly("storePathConsumeQueue", "storePathIndex");
        Path old = Files.writeString(temp.resolve("old.properties"), "storePathConsuQueue=/store/consumequeue\n");
        assertThat(ConfigLoader.load(Role.BROKER, old, Map.of(), List.of()).notNeeded())
                .as("the misspelling of older files")
                .containsExactly("storePathConsuQueue");
    }

    @Test
    void aSendMakesATopicOfAtMostTheDefaultQueuesAndALargerBodyIsRefused() throws Exception {
        start(broker());
        assertThat(sent("New", 65_536)).isZero();
        assertThat(sent("New", 65_537)).isEqualTo(TOO_LARGE);
        try (Admin admin = Admin.open(ClientConfig.of(first))) {
            TopicConfig made =
                    requireNonNull(admin.topicConfigs("127.0.0.1:" + port).get("New"));
            assertThat(made.writeQueueNums())
                    .as("of the four that are asked for")
                    .isEqualTo(3);
        }
    }

    @Test
    void aSendToAnUnknownTopicIsRefusedWhereTopicsAreNotMade() throws Exception {
        start(broker("autoCreateTopicEnable=false"));
        assertThat(sent("New", 10)).isEqualTo(NO_TOPIC);
    }

    @Test
    void retentionHoursAndFlushReachTheStore() throws Exception {
        StorageConfig store = ConfigMapping.storage(broker(), temp);
        assertThat(store.flush()).isEqualTo(FlushMode.SYNC);
        assertThat(store.retention()).isEqualTo(Duration.ofDays(2));
        assertThat(store.deleteHours()).containsExactly(3, 15);
        assertThat(ConfigMapping.storage(broker("flushDiskType=ASYNC_FLUSH"), temp)
                        .flush())
                .isEqualTo(FlushMode.ASYNC);
    }

    @Test
    void rolesAndIdsAreUnderstood() throws Exception {
        assertThat(broker("brokerRole=SYNC_MASTER").value(Settings.BROKER_ROLE)).isEqualTo(BrokerRole.SYNC_MASTER);
        Config slave = broker("brokerRole=SLAVE", "brokerId=2");
        assertThat(slave.value(Settings.BROKER_ROLE)).isEqualTo(BrokerRole.SLAVE);
        FolderIdentity owner = new FolderIdentity("TestCluster", "broker-x", 2, "0");
        assertThat(ConfigMapping.identity(slave, owner, port).brokerId()).isEqualTo(2);
        assertThat(ConfigMapping.identity(slave, owner, port).haPort()).isEqualTo(port + 1);
    }

    @Test
    void aSyncMasterWaitsForAsManySlavesAsRocketMqsKeysSay() throws Exception {
        assertThat(ConfigMapping.copies(broker("inSyncReplicas=3")).copies())
                .as("asynchronous")
                .isZero();
        CopyConfig usual = ConfigMapping.copies(broker("brokerRole=SYNC_MASTER"));
        assertThat(usual).isEqualTo(new CopyConfig(1, Duration.ofSeconds(3)));
        assertThat(ConfigMapping.copies(broker("brokerRole=SYNC_MASTER", "inSyncReplicas=1")))
                .isEqualTo(usual);
        assertThat(ConfigMapping.copies(broker("brokerRole=SYNC_MASTER", "inSyncReplicas=3", "slaveTimeout=5000")))
                .isEqualTo(new CopyConfig(2, Duration.ofSeconds(5)));
    }

    @Test
    void aSlavesRateIsLimitedWhereRocketMqsKeysSaySo() throws Exception {
        assertThat(ConfigMapping.stream(broker("maxHaTransferByteInSecond=1000000")))
                .isEqualTo(StreamTiming.defaults());
        assertThat(ConfigMapping.stream(broker("haFlowControlEnable=true")).maxBytesPerSecond())
                .isEqualTo(100 << 20);
        assertThat(ConfigMapping.stream(broker("haFlowControlEnable=true", "maxHaTransferByteInSecond=1000000"))
                        .maxBytesPerSecond())
                .isEqualTo(1_000_000);
    }

    @Test
    void aMembersRateAndLagAreItsOwnSettings() throws Exception {
        String members = "broker.members=0@127.0.0.1:10912;1@127.0.0.1:10922";
        ReplicationSettings usual = ConfigMapping.replication(broker(members, "inSyncReplicas=2"), 1 << 20);
        assertThat(usual.catchUpBytesPerSecond()).isEqualTo(400L << 20);
        assertThat(usual.inSyncBytes()).isEqualTo(256L << 20);
        ReplicationSettings set = ConfigMapping.replication(
                broker(members, "inSyncReplicas=2", "broker.members-catch-up-rate=20m", "broker.members-max-lag=64m"),
                1 << 20);
        assertThat(set.catchUpBytesPerSecond()).isEqualTo(20 << 20);
        assertThat(set.inSyncBytes()).isEqualTo(64 << 20);
    }

    /** The keys of a nameserver's file. */
    @Test
    void aNameserversFileIsHonoured() throws Exception {
        Path table = temp.resolve("kv/kvConfig.json");
        Path file = Files.write(
                temp.resolve("namesrv.properties"),
                List.of(
                        "listenPort=" + port,
                        "bindAddress=127.0.0.1",
                        "kvConfigPath=" + table,
                        "orderMessageEnable=true",
                        "scanNotActiveBrokerInterval=4000",
                        "returnOrderTopicConfigToBroker=false",
                        "deleteTopicWithBrokerRegistration=true",
                        "enableAllTopicList=false",
                        "enableTopicList=false",
                        "serverChannelMaxIdleTimeSeconds=60",
                        "net.max-connections=10",
                        "rocketmqHome=/opt/rocketmq",
                        "configStorePath=/opt/namesrv.properties",
                        "clusterTest=false",
                        "serverWorkerThreads=8"));
        List<Assignment> data =
                List.of(new Assignment("test", "data", temp.resolve("ns3").toString()));
        Config config = ConfigLoader.load(Role.NAMESERVER, file, Map.of(), data);
        assertThat(config.notNeeded())
                .containsExactly("rocketmqHome", "configStorePath", "clusterTest", "serverWorkerThreads");
        NameserverConfig mapped = ConfigMapping.nameserver(
                config, new InetSocketAddress(InetAddress.getLoopbackAddress(), port), temp.resolve("ns3"));
        assertThat(mapped.table()).isEqualTo(table);
        assertThat(mapped.scanInterval()).isEqualTo(Duration.ofSeconds(4));
        assertThat(mapped.settings()).isEqualTo(new NameserverSettings(true, false, true, false, false));
        assertThat(mapped.listener().limits().idle()).isEqualTo(Duration.ofMinutes(1));
        assertThat(mapped.listener().maxConnections()).isEqualTo(10);
        assertThat(start(config).addresses()).containsEntry("nameserver", "127.0.0.1:" + port);
    }

    /** The code of the answer to a send of that many bytes, of which the producer wants four queues. */
    private int sent(String topic, int bytes) throws IOException {
        byte[] header = ("{\"code\":310,\"language\":\"JAVA\",\"version\":479,\"opaque\":1,\"flag\":0,\"extFields\":{"
                        + "\"a\":\"P\",\"b\":\"" + topic + "\",\"c\":\"TBW102\",\"d\":\"4\",\"e\":\"0\",\"f\":\"0\"}}")
                .getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(4 + header.length + bytes);
            out.writeInt(header.length);
            out.write(header);
            out.write(new byte[bytes]);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            String answer = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
            return Integer.parseInt(answer.replaceAll("(?s).*\"code\":(\\d+).*", "$1"));
        }
    }
}
