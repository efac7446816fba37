package org.merlinmq.nameserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.merlinmq.protocol.body.BrokerMemberGroup;
import org.merlinmq.protocol.body.ClusterTable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.request.GroupLead;
import org.merlinmq.testkit.SimClock;

class RouteRegistryTest {
    private static final String HERE = "10.0.0.5";

    private final SimClock clock = new SimClock();
    private final Map<String, String> orderConf = new HashMap<>();
    private final RouteRegistry registry = new RouteRegistry(new RouteBodies(orderConf::get));

    /** A broker as it registers; each test changes what it is about. */
    private record Broker(
            String cluster,
            String name,
            long id,
            BrokerAddress address,
            long lease,
            boolean acting,
            @Nullable Object connection) {
        static Broker of(String name, long id, String address) {
            return new Broker("C", name, id, BrokerAddress.fixed(address), 120_000, false, null);
        }

        Broker here() {
            return new Broker(cluster, name, id, BrokerAddress.onThisHost(address.text()), lease, acting, connection);
        }

        Broker over(Object newConnection) {
            return new Broker(cluster, name, id, address, lease, acting, newConnection);
        }

        Broker leasing(long millis) {
            return new Broker(cluster, name, id, address, millis, acting, connection);
        }

        Broker standingIn() {
            return new Broker(cluster, name, id, address, lease, true, connection);
        }

        Broker in(String otherCluster) {
            return new Broker(otherCluster, name, id, address, lease, acting, connection);
        }
    }

    private static final Broker MASTER = Broker.of("a", 0, "10.0.0.1:10911");
    private static final Broker SLAVE = Broker.of("a", 1, "10.0.0.2:10911");
    private static final Broker OTHER = Broker.of("b", 0, "10.0.0.3:10911");

    private RegistrationOutcome register(Broker broker, long version, TopicConfig... topics) {
        return register(broker, version, false, topics);
    }

    private RegistrationOutcome register(Broker broker, long version, boolean complete, TopicConfig... topics) {
        return registry.register(
                new BrokerRegistration(
                        broker.cluster,
                        broker.name,
                        broker.id,
                        broker.address,
                        BrokerAddress.fixed("10.9.9.9:10912"),
                        broker.lease,
                        broker.acting,
                        new DataVersion(version, 0, 7),
                        Arrays.asList(topics),
                        broker.connection),
                complete,
                clock.millis());
    }

    private RegistrationOutcome lead(String address, long group, int epoch) {
        return registry.register(
                new BrokerRegistration(
                        "C",
                        "a",
                        0,
                        BrokerAddress.fixed(address),
                        BrokerAddress.fixed(address),
                        BrokerRegistration.DEFAULT_LEASE_MILLIS,
                        false,
                        new DataVersion(epoch, 0, 7),
                        List.of(topic("T", 4), topic("U", 4)),
                        null,
                        new GroupLead(group, epoch)),
                false,
                clock.millis());
    }

    private @Nullable String masterOfA() {
        return Objects.requireNonNull(route("T"))
                .brokerDatas()
                .getFirst()
                .brokerAddrs()
                .get(0L);
    }

    @Test
    void aMasterThatWasDeposedDoesNotTakeThePlaceOfItsSuccessor() {
        register(SLAVE, 1, topic("T", 4), topic("U", 4));
        accepted(lead("10.0.0.1:10911", 77, 5));
        accepted(lead("10.0.0.2:10922", 77, 6));
        assertThat(masterOfA()).isEqualTo("10.0.0.2:10922");
        RegistrationOutcome.Refused refused = (RegistrationOutcome.Refused) lead("10.0.0.1:10911", 77, 5);
        assertThat(refused.endedBy()).isEqualTo(new GroupLead(77, 6));
        assertThat(refused.sentence())
                .contains("broker a at 10.0.0.1:10911 leads in epoch 5")
                .contains("in epoch 6: the master is at 10.0.0.2:10922");
        assertThat(masterOfA()).isEqualTo("10.0.0.2:10922");

        registry.unregister("C", "10.0.0.2:10922", "a");
        assertThat(lead("10.0.0.1:10911", 77, 5))
                .as("while its successor is away, too")
                .isInstanceOf(RegistrationOutcome.Refused.class);
        accepted(lead("10.0.0.1:10911", 77, 7));
        assertThat(masterOfA()).isEqualTo("10.0.0.1:10911");
    }

    @Test
    void epochsOfTwoGroupsAreNotCompared() {
        accepted(lead("10.0.0.2:10922", 77, 6));
        accepted(lead("10.0.0.1:10911", 78, 5));
        assertThat(masterOfA()).isEqualTo("10.0.0.1:10911");
        accepted(register(MASTER, 1, topic("T", 4), topic("U", 4)));
        accepted(lead("10.0.0.1:10911", 77, 5));
    }

    private RegistrationOutcome.Accepted accepted(RegistrationOutcome outcome) {
        return (RegistrationOutcome.Accepted) outcome;
    }

    private static TopicConfig topic(String name, int queues) {
        return TopicConfig.of(name, queues);
    }

    private @Nullable TopicRoute route(String topic) {
        byte[] body = registry.route(topic, HERE);
        return body == null ? null : TopicRoute.read(body);
    }

    private TopicRoute known(String topic) {
        return known(topic, HERE);
    }

    private TopicRoute known(String topic, String localHost) {
        byte[] body = Objects.requireNonNull(registry.route(topic, localHost), () -> "no route to " + topic);
        return TopicRoute.read(body);
    }

    @Test
    void masterWritesQueueDataOfAllItsTopics() {
        assertThat(accepted(register(MASTER, 1, topic("T", 4), topic("U", 8))).topicsChanged())
                .isEqualTo(2);
        assertThat(registry.route("T", HERE))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("{\"brokerDatas\":[{\"brokerAddrs\":{\"0\":\"10.0.0.1:10911\"},\"brokerName\":\"a\","
                        + "\"cluster\":\"C\",\"enableActingMaster\":false}],\"filterServerTable\":{},\"queueDatas\":"
                        + "[{\"brokerName\":\"a\",\"perm\":6,\"readQueueNums\":4,\"topicSysFlag\":0,"
                        + "\"writeQueueNums\":4}]}");
        assertThat(known("U").queueDatas()).containsExactly(new QueueRoute("a", 6, 8, 0, 8));
        assertThat(registry.route("V", HERE)).isNull();
    }

    @Test
    void unchangedVersionChangesNothingButBringsBackWhatWasDeleted() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        registry.deleteTopic("U", null);
        assertThat(accepted(register(MASTER, 1, topic("T", 9), topic("U", 4))).topicsChanged())
                .isEqualTo(1);
        assertThat(known("T").queueDatas().get(0).readQueueNums()).isEqualTo(4);
        assertThat(route("U")).isNotNull();
    }

    @Test
    void changedVersionUpdatesTopicsAndKeepsAbsentOnes() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        register(MASTER, 2, topic("T", 9), topic("V", 4));
        assertThat(known("T").queueDatas().get(0).readQueueNums()).isEqualTo(9);
        assertThat(route("U")).isNotNull();
        register(MASTER, 3, true, topic("T", 9), topic("V", 4));
        assertThat(route("U")).as("deleteTopicWithBrokerRegistration").isNull();
    }

    @Test
    void slaveAddsAnAddressButNoQueues() {
        register(SLAVE, 1, topic("T", 4), topic("U", 4));
        assertThat(route("T")).isNull();
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        assertThat(known("T").brokerDatas().get(0).brokerAddrs())
                .isEqualTo(new TreeMap<>(Map.of(0L, "10.0.0.1:10911", 1L, "10.0.0.2:10911")));
    }

    @Test
    void slaveIsToldItsLiveMaster() {
        assertThat(accepted(register(SLAVE, 1, topic("T", 4), topic("U", 4))).master())
                .isNull();
        assertThat(accepted(register(MASTER, 1, topic("T", 4), topic("U", 4))).master())
                .as("a master is told nothing")
                .isNull();
        RegistrationOutcome.Accepted told = accepted(register(SLAVE, 1, topic("T", 4), topic("U", 4)));
        assertThat(told.master()).isEqualTo(MASTER.address);
        assertThat(told.haServer()).isEqualTo(BrokerAddress.fixed("10.9.9.9:10912"));
    }

    @Test
    void singleTopicOfAnUnknownBrokerIsRefusedAndOfAKnownOneTaken() {
        assertThat(register(MASTER, 1, topic("T", 4)))
                .isInstanceOfSatisfying(
                        RegistrationOutcome.Refused.class,
                        refused -> assertThat(refused.sentence()).contains("is not registered"));
        assertThat(registry.hasBrokers()).isFalse();
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        register(MASTER, 2, topic("V", 2));
        assertThat(known("V").queueDatas().get(0).writeQueueNums()).isEqualTo(2);
    }

    @Test
    void slaveThatBecameMasterLeavesItsOldId() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        register(SLAVE, 1, topic("T", 4), topic("U", 4));
        registry.unregister("C", MASTER.address.text(), "a");
        Broker promoted = Broker.of("a", 0, SLAVE.address.text());
        assertThat(accepted(register(promoted, 1, topic("T", 4), topic("U", 4))).first())
                .isTrue();
        assertThat(known("T").brokerDatas().get(0).brokerAddrs())
                .isEqualTo(new TreeMap<>(Map.of(0L, "10.0.0.2:10911")));
    }

    @Test
    void twoBrokersWithOneIdAreNoticed() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        Broker twin = Broker.of("a", 0, "10.0.0.8:10911");
        assertThat(accepted(register(twin, 1, topic("T", 4), topic("U", 4))).displaced())
                .isEqualTo("10.0.0.1:10911");
        assertThat(registry.unregister("C", "10.0.0.1:10911", "a"))
                .as("the displaced one has no lease")
                .isFalse();
        assertThat(known("T").brokerDatas().get(0).brokerAddrs()).containsEntry(0L, "10.0.0.8:10911");
    }

    @Test
    void silentBrokerIsGoneAfterItsLease() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        register(OTHER.leasing(1_000), 1, topic("T", 4), topic("U", 4));
        clock.set(clock.millis() + 1_000);
        assertThat(registry.expire(clock.millis())).isEmpty();
        clock.set(clock.millis() + 1);
        assertThat(registry.expire(clock.millis()))
                .singleElement()
                .satisfies(lease -> assertThat(lease.brokerName).isEqualTo("b"));
        assertThat(known("T").queueDatas()).hasSize(1);
        clock.set(clock.millis() + 119_000);
        registry.heartbeat("C", MASTER.address.text(), clock.millis());
        clock.set(clock.millis() + 119_000);
        assertThat(registry.expire(clock.millis())).as("it was heard of").isEmpty();
        assertThat(registry.queryDataVersion("C", MASTER.address.text(), new DataVersion(1, 0, 7), clock.millis()))
                .isEqualTo(new DataVersion(1, 0, 7));
        clock.set(clock.millis() + 119_000);
        assertThat(registry.expire(clock.millis()))
                .as("an unchanged version renews")
                .isEmpty();
        registry.queryDataVersion("C", MASTER.address.text(), new DataVersion(2, 0, 7), clock.millis());
        clock.set(clock.millis() + 2_000);
        assertThat(registry.expire(clock.millis()))
                .as("a changed version asks for a registration")
                .hasSize(1);
        assertThat(route("T")).isNull();
        assertThat(registry.hasBrokers()).isFalse();
        assertThat(registry.topicCount()).isZero();
    }

    @Test
    void closedConnectionTakesOnlyItsBroker() {
        Object one = new Object();
        Object two = new Object();
        register(MASTER.over(one), 1, topic("T", 4), topic("U", 4));
        register(OTHER.over(two), 1, topic("T", 4), topic("U", 4));
        assertThat(registry.connectionClosed(new Object())).isEmpty();
        assertThat(registry.connectionClosed(one)).hasSize(1);
        assertThat(known("T").brokerDatas())
                .singleElement()
                .satisfies(b -> assertThat(b.brokerName()).isEqualTo("b"));
    }

    @Test
    void masterGoneAndSlaveLeftKeepsTheRouteForReading() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        register(SLAVE, 1, topic("T", 4), topic("U", 4));
        registry.unregister("C", MASTER.address.text(), "a");
        assertThat(known("T").brokerDatas().get(0).brokerAddrs()).containsOnlyKeys(1L);
        assertThat(known("T").queueDatas().get(0).perm()).isEqualTo(6);
    }

    @Test
    void primeSlaveStandsInWithoutWritePermission() {
        register(SLAVE.standingIn(), 1, topic("T", 4), topic("U", 4));
        assertThat(known("T").queueDatas().get(0).perm()).isEqualTo(4);
        register(MASTER.standingIn(), 2, topic("T", 4), topic("U", 4));
        assertThat(known("T").queueDatas().get(0).perm()).isEqualTo(6);
        registry.unregister("C", MASTER.address.text(), "a");
        assertThat(known("T").queueDatas().get(0).perm()).isEqualTo(4);
    }

    @Test
    void writePermissionIsWipedUntilTheNextChangedRegistration() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        assertThat(registry.wipeWritePerm("a")).isEqualTo(2);
        assertThat(known("T").queueDatas().get(0).perm()).isEqualTo(4);
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        assertThat(known("T").queueDatas().get(0).perm()).isEqualTo(4);
        assertThat(registry.addWritePerm("a")).isEqualTo(2);
        assertThat(known("T").queueDatas().get(0).perm()).isEqualTo(6);
        registry.wipeWritePerm("a");
        register(MASTER, 2, topic("T", 4), topic("U", 4));
        assertThat(known("T").queueDatas().get(0).perm()).isEqualTo(6);
        assertThat(registry.wipeWritePerm("nobody")).isZero();
    }

    @Test
    void topicIsDeletedInOneClusterOrInAll() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        register(OTHER.in("D"), 1, topic("T", 4), topic("U", 4));
        registry.deleteTopic("T", "D");
        assertThat(known("T").queueDatas())
                .singleElement()
                .satisfies(q -> assertThat(q.brokerName()).isEqualTo("a"));
        registry.deleteTopic("T", null);
        assertThat(route("T")).isNull();
        registry.deleteTopic("T", null);
    }

    @Test
    void topicOfUnknownBrokersIsNotRegistered() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        assertThat(registry.registerTopic("X", List.of(new QueueRoute("nobody", 6, 4, 0, 4))))
                .isFalse();
        assertThat(route("X")).isNull();
        assertThat(registry.registerTopic(
                        "X", List.of(new QueueRoute("nobody", 6, 4, 0, 4), new QueueRoute("a", 6, 4, 0, 4))))
                .isTrue();
        assertThat(known("X").queueDatas()).hasSize(1);
    }

    @Test
    void listsNameTopicsClustersAndUnits() {
        TopicConfig unit = new TopicConfig("UNIT", 1, 1, 6, "SINGLE_TAG", 1, false, Map.of());
        TopicConfig subscribed = new TopicConfig("SUB", 1, 1, 6, "SINGLE_TAG", 2, false, Map.of());
        register(MASTER, 1, topic("T", 4), unit);
        register(OTHER.in("D"), 1, topic("T", 4), subscribed);
        assertThat(registry.topicNames(q -> true)).containsExactly("SUB", "T", "UNIT");
        assertThat(registry.topicNamesOf("D")).containsExactly("SUB", "T");
        assertThat(registry.systemTopics()).containsExactly("C", "D", "a", "b");
        assertThat(registry.topicNames(q -> (q.topicSysFlag() & 1) != 0)).containsExactly("UNIT");
        ClusterTable clusters = ClusterTable.read(registry.clusters(HERE));
        assertThat(clusters.clusterAddrTable()).containsEntry("C", List.of("a")).containsEntry("D", List.of("b"));
        assertThat(Objects.requireNonNull(clusters.brokerAddrTable().get("b")).brokerAddrs())
                .containsEntry(0L, "10.0.0.3:10911");
        assertThat(BrokerMemberGroup.read(registry.members("C", "a", HERE))
                        .brokerMemberGroup()
                        .brokerAddrs())
                .hasSize(1);
        assertThat(BrokerMemberGroup.read(registry.members("C", "nobody", HERE))
                        .brokerMemberGroup()
                        .brokerAddrs())
                .isEmpty();
    }

    @Test
    void addressThatNobodyChoseIsTheOneTheAskerReached() {
        register(MASTER.here(), 1, topic("T", 4), topic("U", 4));
        register(OTHER, 1, topic("T", 4), topic("U", 4));
        TopicRoute near = known("T", "127.0.0.1");
        TopicRoute far = known("T", "192.168.1.2");
        assertThat(near.brokerDatas().get(0).brokerAddrs()).containsEntry(0L, "127.0.0.1:10911");
        assertThat(far.brokerDatas().get(0).brokerAddrs()).containsEntry(0L, "192.168.1.2:10911");
        assertThat(far.brokerDatas().get(1).brokerAddrs()).containsEntry(0L, "10.0.0.3:10911");
        assertThat(registry.unregister("C", MASTER.address.text(), "a"))
                .as("it is known by what it registered")
                .isTrue();
    }

    @Test
    void answersAreKeptUntilWhatTheyTellChanges() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        byte[] first = registry.route("T", HERE);
        assertThat(registry.route("T", "1.2.3.4")).as("the same for everybody").isSameAs(first);
        register(MASTER, 2, topic("U", 5));
        assertThat(registry.route("T", HERE)).as("only U changed").isSameAs(first);
        register(SLAVE, 1, topic("T", 4), topic("U", 4));
        assertThat(registry.route("T", HERE)).as("a new address").isNotSameAs(first);
        byte[] second = registry.route("T", HERE);
        orderConf.put("T", "a:4");
        registry.invalidateAnswers();
        assertThat(known("T").orderTopicConf()).isEqualTo("a:4");
        assertThat(registry.route("T", HERE)).isNotSameAs(second);
    }

    @Test
    void manyLocalAddressesAreAnsweredRightAndKeptInPart() {
        register(MASTER.here(), 1, topic("T", 4), topic("U", 4));
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 3 * TopicRoutes.MAX_ANSWERS; i++) {
                String host = "10.1.0." + i;
                assertThat(registry.route("T", host))
                        .asString(StandardCharsets.UTF_8)
                        .contains("\"" + host + ":10911\"");
                assertThat(registry.route("T", host)).isSameAs(registry.route("T", host));
            }
        }
    }

    @Test
    void registrationWithoutAPlaceToConnectToIsRefused() {
        for (String address : List.of("", "10.0.0.1", ":10911", "10.0.0.1:", "10.0.0.1:x", "10.0.0.1:70000")) {
            assertThatThrownBy(() -> register(Broker.of("a", 0, address), 1, topic("T", 4), topic("U", 4)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("brokerAddr");
        }
        assertThatThrownBy(() -> register(Broker.of(" ", 0, "h:1"), 1)).hasMessageContaining("brokerName");
        assertThatThrownBy(() -> register(Broker.of("a", -1, "h:1"), 1)).hasMessageContaining("brokerId");
        assertThatThrownBy(() -> register(MASTER.leasing(0), 1)).hasMessageContaining("heartbeatTimeoutMillis");
    }

    @Test
    void tenThousandTopicsAreRegisteredOneByOneInLinearTime() {
        register(MASTER, 0, topic("T", 4), topic("U", 4));
        for (int i = 1; i <= 10_000; i++) {
            register(MASTER, i, topic("topic-" + i, 8));
        }
        assertThat(registry.topicCount()).isEqualTo(10_002);
        assertThat(known("topic-10000").queueDatas()).hasSize(1);
    }

    @Test
    void aBrokerThatComesBackUnderAnotherNameLeavesNoneOfItsFormer() {
        register(MASTER, 1, topic("T", 4), topic("U", 4));
        Broker renamed = Broker.of("renamed", 0, MASTER.address().text());
        register(renamed, 1, topic("T", 4), topic("V", 4));
        assertThat(known("T").brokerDatas())
                .singleElement()
                .satisfies(broker -> assertThat(broker.brokerName()).isEqualTo("renamed"));
        assertThat(route("U")).isNull();
        assertThat(registry.systemTopics()).containsExactly("C", "renamed");
    }

    @Test
    void theEndOfAFormerClusterLeavesTheBrokerInItsNewOne() {
        Object before = new Object();
        register(MASTER.over(before), 1, topic("T", 4), topic("U", 4));
        register(MASTER.in("C2").over(new Object()), 1, topic("T", 4), topic("U", 4));
        assertThat(registry.connectionClosed(before)).isEmpty();
        assertThat(known("T").brokerDatas())
                .singleElement()
                .satisfies(broker -> assertThat(broker.cluster()).isEqualTo("C2"));
    }
}
