package org.merlinmq.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
    void slavesAreRefusedBecauseThereIsNoReplication() {
        assertThatThrownBy(() -> load("brokerRole=SLAVE\nbrokerId=1\n"))
                .hasMessageContaining("brokerRole=SLAVE")
                .hasMessageContaining("no replication")
                .hasMessageContaining("brokerId=1");
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
