package org.merlinmq.nameserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.protocol.body.ClusterTable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.KvTable;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.RegisterBrokerBody;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicConfigTable;
import org.merlinmq.protocol.body.TopicList;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.frame.FrameCodec;
import org.merlinmq.protocol.frame.Header;
import org.merlinmq.protocol.frame.HeaderForm;
import org.merlinmq.protocol.request.BrokerRequest;
import org.merlinmq.protocol.request.GroupLead;
import org.merlinmq.protocol.request.RegisterBrokerRequest;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.EventLoopsConfig;

/** The nameserver over real sockets, asked with frames as clients and brokers send them. */
class NameserverTest {
    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();
    private final EventLoops loops = EventLoops.start(new EventLoopsConfig(2, 64 << 20, "net"));
    private Nameserver nameserver;

    @BeforeEach
    void start() {
        nameserver = start(0);
    }

    private Nameserver start(int port) {
        return Nameserver.start(
                NameserverConfig.on(new InetSocketAddress("0.0.0.0", port), folder)
                        .withScanInterval(Duration.ofMillis(5)),
                loops,
                clock);
    }

    @AfterEach
    void stop() {
        nameserver.close();
        loops.close();
    }

    /** A plain blocking client. */
    private final class Peer implements AutoCloseable {
        private final Socket socket;
        private final DataInputStream in;
        private int requestId = 7;

        Peer(String host) throws IOException {
            socket =
                    new Socket(InetAddress.getByName(host), nameserver.address().getPort());
            socket.setSoTimeout(5_000);
            in = new DataInputStream(socket.getInputStream());
        }

        Peer() throws IOException {
            this("127.0.0.1");
        }

        void send(Frame request) throws IOException {
            socket.getOutputStream().write(request.withRequestId(++requestId).toBytes());
        }

        Frame receive() throws IOException {
            byte[] frame = new byte[4 + in.readInt()];
            Bytes.putInt(frame, 0, frame.length - 4);
            in.readFully(frame, 4, frame.length - 4);
            return FrameCodec.decode(frame, 0, frame.length);
        }

        Frame call(Frame request) throws IOException {
            send(request);
            Frame answer = receive();
            assertThat(answer.requestId()).isEqualTo(requestId);
            assertThat(answer.isResponse()).isTrue();
            return answer;
        }

        Frame call(RequestCode code, String... fields) throws IOException {
            return call(Frame.request(code, header(fields)));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static Header header(String... fields) {
        return out -> {
            for (int i = 0; i < fields.length; i += 2) {
                out.put(fields[i], fields[i + 1]);
            }
        };
    }

    private static byte[] topics(long version, boolean compressed, TopicConfig... topics) {
        Map<String, TopicConfig> table = new LinkedHashMap<>();
        for (TopicConfig topic : topics) {
            table.put(topic.topicName(), topic);
        }
        RegisterBrokerBody body =
                new RegisterBrokerBody(new TopicConfigTable(new DataVersion(version, 0, 1), table), List.of());
        return compressed ? body.writeCompressed() : body.write();
    }

    private static Frame registration(
            long brokerId, String address, boolean automatic, byte[] body, boolean compressed) {
        RegisterBrokerRequest header = new RegisterBrokerRequest(
                "a", address, "C", "10.0.0.1:10912", brokerId, compressed, RegisterBrokerBody.crc(body), null, null);
        return Frame.request(
                RequestCode.REGISTER_BROKER,
                out -> {
                    header.write(out);
                    if (automatic) {
                        out.put(BrokerRegistrar.AUTOMATIC_FIELD, true);
                    }
                },
                body);
    }

    private static Frame lead(String address, GroupLead lead) {
        byte[] body = topics(lead.epoch(), false, T, U);
        RegisterBrokerRequest header = new RegisterBrokerRequest(
                "a", address, "C", "10.0.0.1:10912", 0, false, RegisterBrokerBody.crc(body), null, null);
        return Frame.request(
                RequestCode.REGISTER_BROKER,
                out -> {
                    header.write(out);
                    lead.write(out);
                },
                body);
    }

    @Test
    void aMasterThatWasDeposedHearsOfItByTheRefusal() throws IOException {
        try (Peer former = new Peer();
                Peer now = new Peer()) {
            assertThat(former.call(lead("10.0.0.1:10911", new GroupLead(77, 5))).isOk())
                    .isTrue();
            assertThat(now.call(lead("10.0.0.2:10911", new GroupLead(77, 6))).isOk())
                    .isTrue();
            Frame refused = former.call(lead("10.0.0.1:10911", new GroupLead(77, 5)));
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.remark()).contains("the master is at 10.0.0.2:10911");
            assertThat(GroupLead.read(refused)).isEqualTo(new GroupLead(77, 6));
        }
    }

    private static final TopicConfig T = TopicConfig.of("T", 4);
    private static final TopicConfig U = TopicConfig.of("U", 8);

    private static Frame registration() {
        return registration(0, "10.0.0.1:10911", false, topics(1, false, T, U), false);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void clientFindsWhatABrokerRegistered() throws IOException {
        try (Peer broker = new Peer();
                Peer client = new Peer()) {
            Frame none = client.call(RequestCode.GET_ROUTEINFO_BY_TOPIC, "topic", "T");
            assertThat(none.code()).isEqualTo(17);
            assertThat(none.remark())
                    .as("the phrase that people search for, then cause and cure")
                    .startsWith("No topic route info in name server for the topic: T")
                    .contains("no broker has registered it")
                    .contains("updateTopic");
            Frame answer = broker.call(registration());
            assertThat(answer.code()).as(answer.remark()).isZero();
            assertThat(answer.body()).isEmpty();
            TopicRoute route = TopicRoute.read(client.call(RequestCode.GET_ROUTEINFO_BY_TOPIC, "topic", "T")
                    .body());
            assertThat(route.queueDatas()).containsExactly(new QueueRoute("a", 6, 4, 0, 4));
            assertThat(route.brokerDatas().get(0).brokerAddrs()).containsEntry(0L, "10.0.0.1:10911");
            Frame slave = broker.call(registration(1, "10.0.0.2:10911", false, topics(1, false, T, U), false));
            assertThat(slave.text("masterAddr")).isEqualTo("10.0.0.1:10911");
            assertThat(slave.text("haServerAddr")).isEqualTo("10.0.0.1:10912");
        }
    }

    @Test
    void binaryRequestsAreAnsweredInBinary() throws IOException {
        try (Peer client = new Peer()) {
            client.call(registration().withForm(HeaderForm.BINARY));
            Frame route = client.call(Frame.request(RequestCode.GET_ROUTEINFO_BY_TOPIC, header("topic", "T"))
                    .withForm(HeaderForm.BINARY));
            assertThat(route.form()).isEqualTo(HeaderForm.BINARY);
            assertThat(TopicRoute.read(route.body()).queueDatas()).hasSize(1);
        }
    }

    @Test
    void compressedRegistrationIsRead() throws IOException {
        try (Peer broker = new Peer()) {
            Frame answer = broker.call(registration(0, "10.0.0.1:10911", false, topics(1, true, T, U), true));
            assertThat(answer.code()).as(answer.remark()).isZero();
            assertThat(nameserver.topicCount()).isEqualTo(2);
        }
    }

    @Test
    void damagedOrHostileRegistrationsAreRefusedAndHarmNobody() throws IOException {
        byte[] good = topics(1, false, T, U);
        byte[] bent = good.clone();
        bent[good.length / 2] ^= 1;
        Frame request = registration(0, "10.0.0.1:10911", false, good, false);
        try (Peer broker = new Peer()) {
            Frame damaged = broker.call(new Frame(HeaderForm.JSON, 103, 0, 479, 0, 0, null, request.fields(), bent));
            assertThat(damaged.code()).isEqualTo(1);
            assertThat(damaged.remark()).contains("crc32 not match");
            Random random = new Random(11);
            for (String json : new String[] {
                "{",
                "[]",
                "{}",
                "nonsense",
                "{\"topicConfigSerializeWrapper\":7}",
                "{\"topicConfigSerializeWrapper\":{}}",
                "{\"topicConfigSerializeWrapper\":{\"dataVersion\":{},\"topicConfigTable\":{\"T\":3}}}",
                "{\"topicConfigSerializeWrapper\":{\"dataVersion\":{},\"topicConfigTable\":{\"T\":{}}}}",
                "[".repeat(100_000)
            }) {
                byte[] body = json.getBytes(StandardCharsets.UTF_8);
                assertThat(broker.call(registration(0, "10.0.0.1:10911", false, body, false))
                                .code())
                        .as(json.substring(0, Math.min(60, json.length())))
                        .isEqualTo(1);
                byte[] noise = new byte[200];
                random.nextBytes(noise);
                assertThat(broker.call(registration(0, "10.0.0.1:10911", false, noise, true))
                                .code())
                        .isEqualTo(1);
            }
            assertThat(broker.call(registration(0, "no address", false, good, false))
                            .code())
                    .isEqualTo(1);
            assertThat(broker.call(RequestCode.REGISTER_BROKER, "brokerName", "a")
                            .remark())
                    .contains("brokerAddr");
            assertThat(broker.call(Frame.request(
                                    RequestCode.QUERY_DATA_VERSION, new BrokerRequest("a", "h:1", "C", 0), new byte[3]))
                            .code())
                    .isEqualTo(1);
            assertThat(nameserver.topicCount()).isZero();
            assertThat(broker.call(registration()).code()).isZero();
            assertThat(nameserver.topicCount()).isEqualTo(2);
        }
    }

    @Test
    void unknownRequestsAreToldSoAndOnewayOnesNothing() throws IOException {
        try (Peer client = new Peer()) {
            Frame unknown = new Frame(HeaderForm.JSON, 777, 0, 479, 0, 0, null, Map.of(), new byte[0]);
            Frame answer = client.call(unknown);
            assertThat(answer.code()).isEqualTo(3);
            assertThat(answer.remark()).isEqualTo(" request type 777 not supported");
            assertThat(client.call(RequestCode.SEND_MESSAGE).remark()).isEqualTo(" request type 10 not supported");
            client.send(new Frame(HeaderForm.JSON, 777, 0, 479, 0, 2, null, Map.of(), new byte[0]));
            client.send(Frame.oneway(RequestCode.GET_ROUTEINFO_BY_TOPIC, header("topic", "T"), new byte[0]));
            client.send(Frame.oneway(RequestCode.REGISTER_BROKER, header(), new byte[0]));
            client.send(Frame.oneway(RequestCode.BROKER_HEARTBEAT, header(), new byte[0]));
            // The next answer is the next question's: nothing else came.
            assertThat(client.call(RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER)
                            .code())
                    .isZero();
        }
    }

    @Test
    void brokerIsGoneWithItsConnection() throws IOException {
        try (Peer client = new Peer()) {
            try (Peer broker = new Peer()) {
                broker.call(registration());
                assertThat(nameserver.topicCount()).isEqualTo(2);
            }
            await(() -> nameserver.topicCount() == 0);
            assertThat(client.call(RequestCode.GET_ROUTEINFO_BY_TOPIC, "topic", "T")
                            .code())
                    .isEqualTo(17);
        }
    }

    @Test
    void silentBrokerExpiresAndItsConnectionIsClosed() throws IOException {
        try (Peer broker = new Peer()) {
            broker.call(registration());
            clock.set(clock.millis() + 120_001);
            await(() -> nameserver.topicCount() == 0);
            assertThat(broker.in.read()).as("closed by the nameserver").isEqualTo(-1);
        }
    }

    @Test
    void brokerSaysGoodbyeAndAsksForItsVersion() throws IOException {
        try (Peer broker = new Peer()) {
            BrokerRequest self = new BrokerRequest("a", "10.0.0.1:10911", "C", 0);
            Frame unknown =
                    broker.call(Frame.request(RequestCode.QUERY_DATA_VERSION, self, new DataVersion(1, 0, 1).write()));
            assertThat(unknown.text("changed")).isEqualTo("true");
            broker.call(registration());
            Frame same =
                    broker.call(Frame.request(RequestCode.QUERY_DATA_VERSION, self, new DataVersion(1, 0, 1).write()));
            assertThat(same.text("changed")).isEqualTo("false");
            assertThat(DataVersion.read(same.body())).isEqualTo(new DataVersion(1, 0, 1));
            assertThat(broker.call(Frame.request(RequestCode.UNREGISTER_BROKER, self))
                            .code())
                    .isZero();
            assertThat(nameserver.topicCount()).isZero();
        }
    }

    @Test
    void eachClientIsToldTheAddressItReaches() throws IOException {
        try (Peer broker = new Peer();
                Peer near = new Peer("127.0.0.1");
                Peer far = new Peer("127.0.0.2")) {
            broker.call(registration(0, "172.17.0.9:10911", true, topics(1, false, T, U), false));
            assertThat(master(near)).isEqualTo("127.0.0.1:10911");
            assertThat(master(far)).isEqualTo("127.0.0.2:10911");
            assertThat(master(near)).isEqualTo("127.0.0.1:10911");
            ClusterTable clusters = ClusterTable.read(
                    far.call(RequestCode.GET_BROKER_CLUSTER_INFO).body());
            assertThat(clusters.brokerAddrTable().values())
                    .singleElement()
                    .satisfies(b -> assertThat(b.brokerAddrs()).containsEntry(0L, "127.0.0.2:10911"));
            assertThat(TopicList.read(far.call(RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS)
                                    .body())
                            .brokerAddr())
                    .isEqualTo("127.0.0.2:10911");
            broker.call(registration(0, "172.17.0.9:10911", false, topics(2, false, T, U), false));
            assertThat(master(far)).as("chosen: told as it is").isEqualTo("172.17.0.9:10911");
        }
    }

    private static @Nullable String master(Peer client) throws IOException {
        Frame route = client.call(RequestCode.GET_ROUTEINFO_BY_TOPIC, "topic", "T");
        return TopicRoute.read(route.body()).brokerDatas().get(0).brokerAddrs().get(0L);
    }

    @Test
    void brokerInTheSameProcessNeedsNoSocket() throws IOException {
        BrokerRegistrar registrar = nameserver.registrar();
        DataVersion one = new DataVersion(1, 0, 1);
        assertThat(registrar.queryDataVersion("C", "127.0.0.1:10911", one)).isNull();
        assertThat(registrar.register(inThisProcess(one, T))).isInstanceOf(RegistrationOutcome.Refused.class);
        assertThat(registrar.register(inThisProcess(one, T, U))).isInstanceOf(RegistrationOutcome.Accepted.class);
        assertThat(registrar.queryDataVersion("C", "127.0.0.1:10911", one)).isEqualTo(one);
        try (Peer far = new Peer("127.0.0.2")) {
            assertThat(master(far)).isEqualTo("127.0.0.2:10911");
            registrar.unregister("C", "127.0.0.1:10911", "a");
            assertThat(far.call(RequestCode.GET_ROUTEINFO_BY_TOPIC, "topic", "T")
                            .code())
                    .isEqualTo(17);
        }
    }

    private static BrokerRegistration inThisProcess(DataVersion version, TopicConfig... topics) {
        return new BrokerRegistration(
                "C",
                "a",
                0,
                BrokerAddress.onThisHost("127.0.0.1:10911"),
                BrokerAddress.onThisHost("127.0.0.1:10912"),
                BrokerRegistration.DEFAULT_LEASE_MILLIS,
                false,
                version,
                List.of(topics),
                null);
    }

    @Test
    void listsAreAnswered() throws IOException {
        try (Peer client = new Peer()) {
            client.call(registration());
            assertThat(list(client, RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER))
                    .containsExactly("T", "U");
            assertThat(list(client, RequestCode.GET_TOPICS_BY_CLUSTER, "cluster", "C"))
                    .containsExactly("T", "U");
            assertThat(list(client, RequestCode.GET_TOPICS_BY_CLUSTER, "cluster", "D"))
                    .isEmpty();
            assertThat(list(client, RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS)).containsExactly("C", "a");
            assertThat(list(client, RequestCode.GET_UNIT_TOPIC_LIST)).isEmpty();
            assertThat(list(client, RequestCode.GET_HAS_UNIT_SUB_TOPIC_LIST)).isEmpty();
            assertThat(list(client, RequestCode.GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST))
                    .isEmpty();
            assertThat(client.call(RequestCode.WIPE_WRITE_PERM_OF_BROKER, "brokerName", "a")
                            .text("wipeTopicCount"))
                    .isEqualTo("2");
            assertThat(client.call(RequestCode.ADD_WRITE_PERM_OF_BROKER, "brokerName", "a")
                            .text("addTopicCount"))
                    .isEqualTo("2");
            client.call(RequestCode.DELETE_TOPIC_IN_NAMESRV, "topic", "U");
            assertThat(list(client, RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER))
                    .containsExactly("T");
            TopicRoute route = new TopicRoute(List.of(), Map.of(), null, List.of(new QueueRoute("a", 6, 2, 0, 2)));
            client.call(Frame.request(RequestCode.REGISTER_TOPIC_IN_NAMESRV, header("topic", "X"), route.write()));
            assertThat(list(client, RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER))
                    .containsExactly("T", "X");
            assertThat(client.call(RequestCode.REGISTER_TOPIC_IN_NAMESRV, "namespace", "n", "key", "k")
                            .code())
                    .as("the Node client reads a value by this number")
                    .isEqualTo(22);
            assertThat(client.call(RequestCode.GET_BROKER_MEMBER_GROUP, "clusterName", "C", "brokerName", "a")
                            .body())
                    .asString(StandardCharsets.UTF_8)
                    .contains("10.0.0.1:10911");
        }
    }

    private static List<String> list(Peer client, RequestCode code, String... fields) throws IOException {
        return TopicList.read(client.call(code, fields).body()).topicList();
    }

    @Test
    void orderConfigurationReachesBrokersAndIfSwitchedOnClients() throws IOException {
        try (Peer client = new Peer()) {
            client.call(registration());
            assertThat(client.call(
                                    RequestCode.PUT_KV_CONFIG,
                                    "namespace",
                                    "ORDER_TOPIC_CONFIG",
                                    "key",
                                    "T",
                                    "value",
                                    "a:4")
                            .code())
                    .isZero();
            assertThat(KvTable.read(client.call(registration()).body()).table()).containsEntry("T", "a:4");
            assertThat(route(client).orderTopicConf()).isNull();
            Frame changed = client.call(Frame.request(
                    RequestCode.UPDATE_NAMESRV_CONFIG,
                    null,
                    "orderMessageEnable=true\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(changed.code()).as(changed.remark()).isZero();
            assertThat(route(client).orderTopicConf()).isEqualTo("a:4");
            client.call(RequestCode.DELETE_KV_CONFIG, "namespace", "ORDER_TOPIC_CONFIG", "key", "T");
            assertThat(route(client).orderTopicConf()).isNull();
        }
    }

    private static TopicRoute route(Peer client) throws IOException {
        return TopicRoute.read(
                client.call(RequestCode.GET_ROUTEINFO_BY_TOPIC, "topic", "T").body());
    }

    @Test
    void keysValuesAndSettingsSurviveARestart() throws IOException {
        try (Peer client = new Peer()) {
            assertThat(client.call(RequestCode.GET_KV_CONFIG, "namespace", "N", "key", "K")
                            .code())
                    .isEqualTo(22);
            assertThat(client.call(RequestCode.GET_KVLIST_BY_NAMESPACE, "namespace", "N")
                            .code())
                    .isEqualTo(22);
            client.call(RequestCode.PUT_KV_CONFIG, "namespace", "N", "key", "K", "value", "V");
            client.call(Frame.request(
                    RequestCode.UPDATE_NAMESRV_CONFIG,
                    null,
                    "enableAllTopicList=false".getBytes(StandardCharsets.UTF_8)));
        }
        nameserver.close();
        nameserver = start(0);
        try (Peer client = new Peer()) {
            assertThat(client.call(RequestCode.GET_KV_CONFIG, "namespace", "N", "key", "K")
                            .text("value"))
                    .isEqualTo("V");
            assertThat(client.call(RequestCode.GET_KVLIST_BY_NAMESPACE, "namespace", "N")
                            .body())
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("{\"table\":{\"K\":\"V\"}}");
            Frame list = client.call(RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER);
            assertThat(list.code()).isEqualTo(1);
            assertThat(list.remark()).isEqualTo("disable");
            assertThat(client.call(RequestCode.GET_NAMESRV_CONFIG).body())
                    .asString(StandardCharsets.UTF_8)
                    .contains("enableAllTopicList=false\n", "kvConfigPath=");
            for (String fixed : SettingsStore.FIXED) {
                Frame refused = client.call(Frame.request(
                        RequestCode.UPDATE_NAMESRV_CONFIG, null, (fixed + "=/tmp/x").getBytes(StandardCharsets.UTF_8)));
                assertThat(refused.code()).as(fixed).isEqualTo(16);
            }
        }
    }

    @Test
    void theAddressForSlavesThatWasConfiguredIsKeptWhereThatForClientsWasFound() throws IOException {
        try (Peer broker = new Peer()) {
            broker.call(registration(0, "10.0.0.7:10911", true, topics(1, false, T, U), false));
            Frame slave = broker.call(registration(1, "10.0.0.2:10911", false, topics(1, false, T, U), false));
            assertThat(slave.text("masterAddr")).isEqualTo("127.0.0.1:10911");
            assertThat(slave.text("haServerAddr")).isEqualTo("10.0.0.1:10912");
        }
    }

    @Test
    void theTableMayLieElsewhere() throws IOException {
        Path elsewhere = folder.resolve("elsewhere/table.json");
        nameserver.close();
        nameserver = Nameserver.start(
                NameserverConfig.on(new InetSocketAddress("0.0.0.0", 0), folder).withTable(elsewhere), loops, clock);
        try (Peer client = new Peer()) {
            client.call(RequestCode.PUT_KV_CONFIG, "namespace", "N", "key", "K", "value", "V");
            assertThat(client.call(RequestCode.GET_NAMESRV_CONFIG).body())
                    .asString(StandardCharsets.UTF_8)
                    .contains("kvConfigPath=" + elsewhere + "\n");
        }
        assertThat(elsewhere).exists();
        assertThat(folder.resolve("kvConfig.json")).doesNotExist();
    }

    @Test
    void takenPortIsNamed() {
        int port = nameserver.address().getPort();
        assertThatThrownBy(() -> start(port)).hasMessageContaining(Integer.toString(port));
    }
}
