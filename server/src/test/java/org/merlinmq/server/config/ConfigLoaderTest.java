package org.merlinmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.identity.BrokerRole;
import org.merlinmq.storage.FlushMode;

class ConfigLoaderTest {
    @TempDir
    Path folder;

    @Test
    void everyDefaultIsAllowedByItsOwnKind() throws ConfigException {
        Config defaults = load("");
        for (Setting<?> setting : Settings.all()) {
            if (!setting.defaultText().isEmpty()) {
                assertThat(defaults.value(setting)).as(setting.name()).isNotNull();
            }
        }
        assertThat(defaults.changed()).isEmpty();
    }

    @Test
    void eachNameBelongsToOneSetting() {
        List<String> names = Settings.all().stream()
                .flatMap(
                        s -> java.util.stream.Stream.concat(java.util.stream.Stream.of(s.name()), s.aliases().stream()))
                .toList();
        assertThat(names).doesNotHaveDuplicates().doesNotContainAnyElementsOf(IgnoredSettings.keys());
    }

    @Test
    void laterSourcesWin() throws Exception {
        Path file = file("broker.port=1\nmaxMessageSize=65536\ndata=/a\n");
        Config config = ConfigLoader.load(
                Role.ALL_IN_ONE,
                file,
                Map.of(
                        "MERLIN_BROKER_PORT",
                        "2",
                        "MERLIN_DATA",
                        "/b",
                        "PATH",
                        "/usr/bin",
                        "MERLIN_JAVA_HOME",
                        "/jdk",
                        "MERLIN_HOME",
                        "/opt"),
                List.of(new Assignment("--set", "listenPort", "3")));
        assertThat(config.value(Settings.BROKER_PORT)).isEqualTo(3);
        assertThat(config.value(Settings.DATA)).isEqualTo(Path.of("/b"));
        assertThat(config.value(Settings.MAX_MESSAGE)).isEqualTo(65536);
        assertThat(config.changed()).containsExactly("data=/b", "broker.port=3", "send.max-message=64KB");
    }

    @Test
    void aliasesOfRocketMqWorkInTheEnvironment() throws Exception {
        Config config =
                ConfigLoader.load(Role.ALL_IN_ONE, null, Map.of("MERLIN_FLUSHDISKTYPE", "SYNC_FLUSH"), List.of());
        assertThat(config.value(Settings.FLUSH)).isEqualTo(FlushMode.SYNC);
    }

    @Test
    void sampleFileOfRocketMqIsUnderstood() throws Exception {
        Config config = load("""
                brokerClusterName=DefaultCluster
                brokerName=broker-a
                brokerId=0
                deleteWhen=04;16
                fileReservedTime=48
                brokerRole=ASYNC_MASTER
                flushDiskType=ASYNC_FLUSH
                storePathRootDir=/data/store
                storePathConsumeQueue=/data/store/consumequeue
                namesrvAddr=ns1:9876;ns2:9876
                sendMessageThreadPoolNums=128
                diskMaxUsedSpaceRatio=88
                aclEnable=false
                """);
        assertThat(config.valueOr(Settings.BROKER_NAME, () -> "none")).isEqualTo("broker-a");
        assertThat(config.value(Settings.DELETE_HOURS)).containsExactly(4, 16);
        assertThat(config.value(Settings.RETENTION)).isEqualTo(Duration.ofDays(2));
        assertThat(config.valueOr(Settings.NAMESERVERS, List::of)).containsExactly("ns1:9876", "ns2:9876");
        assertThat(config.notNeeded())
                .containsExactly("storePathConsumeQueue", "sendMessageThreadPoolNums", "aclEnable");
    }

    @Test
    void allProblemsAreNamedAtOnceWithLineKeyAndCure() throws Exception {
        Path file = file("# ours\n\nbrokerNmae=a\nlistenPort=70000\naclEnable=true\nflushDiskType=MAYBE\n");
        assertThatThrownBy(() -> ConfigLoader.load(
                        Role.ALL_IN_ONE,
                        file,
                        Map.of("MERLIN_BROKER_PORT", "a"),
                        List.of(new Assignment("--set", "fileReservedTme", "3"))))
                .asInstanceOf(type(ConfigException.class))
                .extracting(ConfigException::problems)
                .isEqualTo(List.of(
                        file + ":3: brokerNmae is no known setting; did you mean brokerName?",
                        file
                                + ":4: listenPort=70000 is not allowed; allowed is a port from 0 to 65535 (0 = any free one)",
                        file + ":5: aclEnable=true is not allowed; allowed is false, because this version has no access"
                                + " control",
                        file + ":6: flushDiskType=MAYBE is not allowed; allowed is ASYNC_FLUSH or SYNC_FLUSH",
                        "environment MERLIN_BROKER_PORT: broker.port=a is not allowed; allowed is a port from 0 to 65535 (0 = any"
                                + " free one)",
                        "--set: fileReservedTme is no known setting; did you mean fileReservedTime?"));
    }

    @Test
    void unknownVariablesAreWarnedAboutBecauseOthersSetSuchToo() throws Exception {
        Config config = ConfigLoader.load(
                Role.ALL_IN_ONE, null, Map.of("MERLIN_BROKER_PROT", "1", "MERLIN_TEAM", "blue"), List.of());
        assertThat(config.warnings())
                .containsExactly(
                        "environment: MERLIN_BROKER_PROT is no known setting and is ignored; did you mean"
                                + " MERLIN_BROKER_PORT?",
                        "environment: MERLIN_TEAM is no known setting and is ignored; docs/operate/options.md lists all");
    }

    /** As a pod has them next to the services merlin and merlin-broker. */
    @Test
    void variablesThatKubernetesMakesForServicesArePassedOver() throws Exception {
        Map<String, String> links = new HashMap<>();
        for (String service : List.of("MERLIN", "MERLIN_BROKER")) {
            links.put(service + "_SERVICE_HOST", "10.0.0.11");
            links.put(service + "_SERVICE_PORT", "10911");
            links.put(service + "_SERVICE_PORT_VIP_CHANNEL", "10909");
            links.put(service + "_PORT", "tcp://10.0.0.11:10911");
            links.put(service + "_PORT_10911_TCP", "tcp://10.0.0.11:10911");
            links.put(service + "_PORT_10911_TCP_PROTO", "tcp");
            links.put(service + "_PORT_10911_TCP_PORT", "10911");
            links.put(service + "_PORT_10911_TCP_ADDR", "10.0.0.11");
        }
        Config config = ConfigLoader.load(Role.ALL_IN_ONE, null, links, List.of());
        assertThat(config.warnings()).isEmpty();
        assertThat(config.changed()).isEmpty();
    }

    @Test
    void onlyNearNamesAreProposed() {
        assertThatThrownBy(() -> load("foo=1\n"))
                .hasMessageContaining("foo is no known setting; docs/operate/options.md lists all");
        assertThatThrownBy(() -> load("dta=/x\n")).hasMessageContaining("did you mean data?");
    }

    @Test
    void aLineWithoutAKeyIsRefused() {
        assertThatThrownBy(() -> load("listenPort=1\n= 5\n")).hasMessageContaining(":2: the line has no key");
    }

    @Test
    void aTimeThatCannotBeIsRefused() throws ConfigException {
        assertThatThrownBy(() -> load("send.accept-from=18446744073709551615\n"))
                .hasMessageContaining("allowed is a time in milliseconds since 1970, or 0");
        assertThat(load("startAcceptSendRequestTimeStamp=1760000000000\n").value(Settings.ACCEPT_FROM))
                .isEqualTo(1760000000000L);
    }

    @Test
    void aSlaveHasARoleAnIdAndAWayToItsMaster() throws ConfigException {
        Config slave = load(
                "brokerRole=SLAVE\nbrokerId=1\nhaMasterAddress=10.0.1.5:10912\nhaListenPort=0\nbrokerIP2=10.0.1.6\n");
        assertThat(slave.value(Settings.BROKER_ROLE)).isEqualTo(BrokerRole.SLAVE);
        assertThat(slave.value(Settings.BROKER_ID)).isEqualTo(1);
        assertThat(slave.valueOr(Settings.MASTER, () -> "")).isEqualTo("10.0.1.5:10912");
        assertThat(slave.value(Settings.HA_PORT)).isZero();
        assertThat(slave.valueOr(Settings.HA_ADDRESS, () -> "")).isEqualTo("10.0.1.6");
        assertThat(load("brokerRole=SYNC_MASTER\n").value(Settings.BROKER_ROLE)).isEqualTo(BrokerRole.SYNC_MASTER);
    }

    @Test
    void aRoleAndAnIdThatContradictEachOtherAreRefusedWithBothPlaces() throws IOException {
        Path file = file("brokerId=0\nbrokerRole=SLAVE\nnamesrvAddr=ns1:9876\n");
        assertThatThrownBy(() -> ConfigLoader.load(Role.BROKER, file, Map.of(), List.of()))
                .hasMessage("brokerRole=SLAVE (" + file + ":2) and brokerId=0 (" + file
                        + ":1) contradict each other: 0 is the"
                        + " master's id; give this slave a brokerId of its own, 1 or larger, or the role ASYNC_MASTER or"
                        + " SYNC_MASTER");
        assertThatThrownBy(() -> load("brokerRole=SLAVE\n")).hasMessageContaining("brokerId=0 (the default)");
        Path other = file("brokerId=1\n");
        assertThatThrownBy(() -> ConfigLoader.load(Role.BROKER, other, Map.of(), List.of()))
                .hasMessage("brokerRole=ASYNC_MASTER (the default) and brokerId=1 (" + other
                        + ":1) contradict each other: a"
                        + " master's id is 0; set brokerRole=SLAVE for a slave, or brokerId=0 for the master");
        assertThatThrownBy(() -> load("brokerId=-1\n"))
                .hasMessageContaining(":1: brokerId=-1 is not allowed; allowed is a number from 0");
        assertThatThrownBy(() -> load("brokerRole=MASTER\n"))
                .hasMessageContaining(
                        "brokerRole=MASTER is not allowed; allowed is ASYNC_MASTER or SYNC_MASTER or SLAVE");
    }

    @Test
    void theMembersOfAGroupAreNamedByTheirIds() throws ConfigException {
        String members = "broker.members=0@10.0.0.1:10912; 1@b.example.com:10912\n";
        assertThat(load(members + "inSyncReplicas=1\n").valueOr(Settings.MEMBERS, Collections::emptyNavigableMap))
                .containsExactly(Map.entry(0, "10.0.0.1:10912"), Map.entry(1, "b.example.com:10912"));
        for (String wrong : List.of("10.0.0.1:10912", "0@a", "0@a:1;0@b:1", "256@a:1", "@a:1", "x@a:1", "0@a:1;")) {
            assertThatThrownBy(() -> load("broker.members=" + wrong + "\ninSyncReplicas=1\n"))
                    .as(wrong)
                    .hasMessageContaining(
                            "broker.members=" + wrong + " is not allowed; allowed is members id@host:port");
        }
    }

    @Test
    void theMembersOfAGroupAgreeOnHowManyCopiesCount() throws ConfigException {
        String members = "broker.members=0@a:10912;1@b:10912\n";
        assertThatThrownBy(() -> load(members))
                .hasMessageContaining(
                        ":1) needs inSyncReplicas, the same in the file of each member: 1 if a send does not"
                                + " wait for others, 2 if it waits for one of them");
        assertThatThrownBy(() -> load(members + "inSyncReplicas=3\n"))
                .hasMessageContaining(":2) is more than the 2 members of broker.members=");
        assertThatThrownBy(() -> load(members + "inSyncReplicas=1\nbrokerRole=SYNC_MASTER\n"))
                .hasMessageContaining("contradict each other: with 1 a send waits for nobody");
        assertThatThrownBy(() -> load(members + "inSyncReplicas=2\nbrokerRole=SLAVE\nbrokerId=2\n"))
                .hasMessageContaining("is none of the members of broker.members=");
        assertThat(load(members + "inSyncReplicas=2\nbrokerRole=SLAVE\nbrokerId=1\n")
                        .value(Settings.IN_SYNC_REPLICAS))
                .isEqualTo(2);
    }

    @Test
    void theFilesOfTlsBetweenMembersBelongTogether() throws ConfigException {
        String members = "broker.members=0@a:10912;1@b:10912\ninSyncReplicas=1\n";
        String all = "broker.members-certificate=c\nbroker.members-key=k\nbroker.members-trust=t\n";
        assertThat(load(members + all).isSet(Settings.MEMBERS_TRUST)).isTrue();
        assertThatThrownBy(() -> load(members + "broker.members-key=k\n"))
                .hasMessageContaining("broker.members-key=")
                .hasMessageContaining(":3) needs the others of broker.members-certificate, broker.members-key,"
                        + " broker.members-trust, too");
        assertThatThrownBy(() -> load(all))
                .hasMessageContaining(":1) is for the members of a group: set broker.members, or leave it out");
    }

    @Test
    void aSlaveThatCouldNotFindItsMasterIsRefused() throws Exception {
        Path file = file("brokerId=1\nbrokerRole=SLAVE\n");
        assertThatThrownBy(() -> ConfigLoader.load(Role.BROKER, file, Map.of(), List.of()))
                .hasMessage("brokerRole=SLAVE (" + file
                        + ":2) finds no master: set namesrvAddr to nameservers that know it, or"
                        + " haMasterAddress to its address");
        List<Assignment> given = List.of(new Assignment("-n", "broker.nameservers", "ns1:9876"));
        assertThat(ConfigLoader.load(Role.BROKER, file, Map.of(), given).value(Settings.BROKER_ID))
                .isEqualTo(1);
    }

    @Test
    void portsAndAddressesThatCannotBeAreRefused() {
        assertThatThrownBy(() -> load("listenPort=10911\nhaListenPort=10911\n"))
                .hasMessageContaining("haListenPort=10911 (")
                .hasMessageContaining(":2) is a port that the broker serves clients on (listenPort=10911 (");
        assertThatThrownBy(() -> load("haListenPort=10909\n")).hasMessageContaining("is a port that the broker serves");
        assertThatThrownBy(() -> load("brokerIP1=0.0.0.0\n"))
                .hasMessageContaining("brokerIP1=0.0.0.0 (")
                .hasMessageContaining(
                        ":1) is no address that anybody can connect to; set one of this machine's, or leave it out");
        assertThatThrownBy(() -> load("haMasterAddress=master\n"))
                .hasMessageContaining("haMasterAddress=master is not allowed; allowed is an address host:port");
    }

    /** As RocketMQ's users have it in the environment of clients and brokers alike. */
    @Test
    void theVariableOfNameserversCountsForABrokerAloneAndLast() throws Exception {
        Map<String, String> variable = Map.of("NAMESRV_ADDR", "ns1:9876;ns2:9876");
        assertThat(ConfigLoader.load(Role.BROKER, null, variable, List.of()).valueOr(Settings.NAMESERVERS, List::of))
                .containsExactly("ns1:9876", "ns2:9876");
        Path file = file("namesrvAddr=ns3:9876\n");
        assertThat(ConfigLoader.load(Role.BROKER, file, variable, List.of()).valueOr(Settings.NAMESERVERS, List::of))
                .containsExactly("ns3:9876");
        assertThat(ConfigLoader.load(Role.ALL_IN_ONE, null, variable, List.of()).isSet(Settings.NAMESERVERS))
                .as("its nameserver is in its own process")
                .isFalse();
    }

    @Test
    void whatIsPrintedIsAFileOfTheSameSettings() throws Exception {
        String text = """
                brokerName=broker-a
                fileReservedTime=36
                net.max-connections=99
                log.dir=/var/log/m
                namesrvAddr=ns1:9876;ns2:9876
                messageDelayLevel=1s 5s
                deleteWhen=03;15
                log.file-size=1m
                """;
        for (Role role : Role.values()) {
            Config config = ConfigLoader.load(role, file(text), Map.of(), List.of());
            String printed = String.join("\n", config.listing(false));
            Config again = ConfigLoader.load(role, file(printed), Map.of(), List.of());
            assertThat(again.changed()).isEqualTo(config.changed());
            assertThat(again.listing(false)).isEqualTo(config.listing(false));
        }
        List<String> broker =
                ConfigLoader.load(Role.BROKER, file(text), Map.of(), List.of()).listing(false);
        assertThat(broker)
                .contains(
                        "brokerName=broker-a",
                        "fileReservedTime=36",
                        "brokerRole=ASYNC_MASTER",
                        "listenPort=10911",
                        "maxMessageSize=4194304",
                        "# brokerIP1=",
                        "log.file-size=1MB")
                .doesNotContain("scanNotActiveBrokerInterval=5000");
        assertThat(ConfigLoader.load(Role.NAMESERVER, null, Map.of(), List.of()).listing(false))
                .contains("listenPort=9876", "scanNotActiveBrokerInterval=5000", "# kvConfigPath=");
    }

    @Test
    void theImportantSettingsAreThoseThatSayWhoTheBrokerIsAndWhatItPromises() throws ConfigException {
        List<String> important = load("brokerName=broker-a\n").listing(true);
        assertThat(important)
                .contains("brokerName=broker-a", "brokerId=0", "flushDiskType=ASYNC_FLUSH", "storePathRootDir=data")
                .contains("transactionCheckMax=15", "traceTopicEnable=false")
                .noneMatch(line -> line.startsWith("pull."))
                .hasSizeLessThan(load("").listing(false).size() * 2 / 3);
    }

    @Test
    void twoNamesOfOneSettingMustAgree() {
        assertThatThrownBy(() -> load("listenPort=1\nbroker.port=2\n")).hasMessageContaining("contradicts");
    }

    @Test
    void listenPortMeansTheNameserverInItsFile() throws Exception {
        Config config = ConfigLoader.load(Role.NAMESERVER, file("listenPort=9999\n"), Map.of(), List.of());
        assertThat(config.value(Settings.NAMESERVER_PORT)).isEqualTo(9999);
    }

    @Test
    void missingFileIsSaid() {
        Path missing = folder.resolve("missing.conf");
        assertThatThrownBy(() -> ConfigLoader.load(Role.BROKER, missing, Map.of(), List.of()))
                .hasMessage("the configuration file " + missing + " does not exist");
    }

    @Test
    void emptyValueMeansTheDefault() throws ConfigException {
        assertThat(load("namesrvAddr=\nlistenPort=\n").value(Settings.BROKER_PORT))
                .isEqualTo(10911);
    }

    private Config load(String text) throws ConfigException {
        try {
            return ConfigLoader.load(Role.ALL_IN_ONE, file(text), Map.of(), List.of());
        } catch (IOException unwritable) {
            throw new AssertionError(unwritable);
        }
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("broker.conf"), text);
    }
}
