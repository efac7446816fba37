package org.merlinmq.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.merlinmq.client.Admin;
import org.merlinmq.client.ClientConfig;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.server.config.Assignment;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.ConfigException;
import org.merlinmq.server.config.ConfigLoader;
import org.merlinmq.server.config.Role;
import org.merlinmq.server.config.Settings;
import org.merlinmq.testkit.SimClock;

/**
 * Damaged files of a nameserver, of RocketMQ's store and of the configuration: the last version is used, or the start is
 * refused in one sentence that names the file, the place and the cure.
 */
class DamagedFilesTest {
    private static final String TOPICS =
            "{\"dataVersion\":{\"counter\":1,\"timestamp\":2},\"topicConfigTable\":{\"T\":{\"topicName\":\"T\",\"readQueueNums\":3,\"writeQueueNums\":3,\"perm\":6}}}";
    private static final Map<String, String> TABLES = Map.of(
            "topics.json",
            TOPICS,
            "subscriptionGroup.json",
            "{\"dataVersion\":{\"counter\":1,\"timestamp\":2},\"subscriptionGroupTable\":{\"G\":{\"groupName\":\"G\",\"retryMaxTimes\":4}}}",
            "consumerOffset.json",
            "{\"offsetTable\":{\"T@G\":{0:4,2:6}}}",
            "delayOffset.json",
            "{\"offsetTable\":{1:3}}");

    @TempDir
    Path data;

    private Config config(Map<String, String> more) throws ConfigException {
        Map<String, String> settings = new java.util.HashMap<>(Map.of(
                "data", data.toString(),
                "bind", "127.0.0.1",
                "host", "127.0.0.1",
                "nameserver.port", "0",
                "broker.port", "0",
                "console.enabled", "false",
                "storage.segment", "4m"));
        settings.putAll(more);
        List<Assignment> assignments = settings.entrySet().stream()
                .map(each -> new Assignment("test", each.getKey(), each.getValue()))
                .toList();
        return ConfigLoader.load(Role.ALL_IN_ONE, null, Map.of(), assignments);
    }

    /** What a running node has of the topic T: the number of its queues; -1 if there is no such topic. */
    private int startAndLook() throws Exception {
        Config config = config(Map.of());
        try (DataFolder folder = DataFolder.open(config.value(Settings.DATA), Role.ALL_IN_ONE);
                Node node = Node.start(config, folder, SimClock.ticking());
                Admin admin = Admin.open(
                        ClientConfig.of(Objects.requireNonNull(node.addresses().get("nameserver"))))) {
            TopicConfig found = admin.topicConfigs(
                            Objects.requireNonNull(node.addresses().get("broker")))
                    .get("T");
            return found == null ? -1 : found.readQueueNums();
        }
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(this::startAndLook).isInstanceOfSatisfying(StartRefusal.class, refusal -> {
            assertThat(refusal.exitCode()).isEqualTo(1);
            assertThat(refusal.sentence()).contains(parts).doesNotContain("\n", "Exception", "listen");
        });
    }

    private Path table(String name) throws IOException {
        return Files.createDirectories(data.resolve("config")).resolve(name);
    }

    private void writeTables() throws IOException {
        for (Map.Entry<String, String> each : TABLES.entrySet()) {
            Files.writeString(table(each.getKey()), each.getValue());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"topics.json", "subscriptionGroup.json", "consumerOffset.json", "delayOffset.json"})
    void aDamagedTableOfRocketMqIsRefusedWithItsPlaceUnlessItsLastVersionIsWhole(String name) throws Exception {
        writeTables();
        String text = Files.readString(table(name));
        String half = text.substring(0, text.length() / 2);
        for (String damaged : new String[] {half, "", "\0".repeat(text.length()), "[]", "null", text + "}"}) {
            Files.writeString(table(name), damaged);
            assertRefused(table(name).toString(), "is damaged", "move it away");
        }
        Files.writeString(table(name + ".bak"), half);
        assertRefused(table(name).toString(), table(name + ".bak").toString(), "are damaged", "byte", "move both away");
        Files.writeString(table(name + ".bak"), text);
        assertThat(startAndLook()).isEqualTo(3);
    }

    @Test
    void whatNoTopicOrGroupCanBeIsPassedOverAndTheOthersAreTaken() throws Exception {
        writeTables();
        Files.writeString(
                table("topics.json"),
                TOPICS.replace(
                        "}}}",
                        "},\"a/b\":{\"topicName\":\"a/b\"},\"\":{\"topicName\":\"\"},\"N\":{\"topicName\":\"N\","
                                + "\"readQueueNums\":-3},\"M\":{\"topicName\":\"M\",\"writeQueueNums\":2000000000},\""
                                + "l".repeat(300)
                                + "\":{\"topicName\":\"" + "l".repeat(300) + "\"}}}"));
        Files.writeString(
                table("subscriptionGroup.json"),
                "{\"dataVersion\":{\"counter\":1,\"timestamp\":2},\"subscriptionGroupTable\":{\"G\":{\"groupName\":\"G\"},\"H\":{\"groupName\":\"other\"},\"\":{\"groupName\":\"\"},"
                        + "\"R\":{\"groupName\":\"R\",\"retryQueueNums\":-1}}}");
        Files.writeString(
                table("consumerOffset.json"),
                "{\"offsetTable\":{\"T@G\":{0:4,-1:5,70000:6,9999999999:1,1:-8},\"@\":{0:1},\"T\":{0:1},\"@G\":{0:1},\"T@\":{0:2}}}");
        Files.writeString(table("delayOffset.json"), "{\"offsetTable\":{9999999999:3,-1:2,1:-5}}");
        assertThat(startAndLook()).isEqualTo(3);
        assertThat(startAndLook()).isEqualTo(3);
    }

    @Test
    void aFolderInATablesPlaceIsRefused() throws Exception {
        writeTables();
        Files.delete(table("topics.json"));
        Files.createDirectory(table("topics.json"));
        assertRefused(table("topics.json").toString(), "cannot be read", "move it away");
    }

    @Test
    void aDamagedTableOfANameserverIsRefusedWithItsPlaceUnlessItsLastVersionIsWhole() throws Exception {
        Path kv = Files.createDirectories(data.resolve("nameserver"));
        Path file = kv.resolve("kvConfig.json");
        for (String damaged : new String[] {"{\"configTable\":{\"N\":", "", "\0\0\0\0", "[]"}) {
            Files.writeString(file, damaged);
            assertRefused(file.toString(), "is damaged", "move it away");
        }
        Files.writeString(kv.resolve("kvConfig.json.bak"), "{");
        assertRefused(file.toString(), "kvConfig.json.bak", "byte 1", "move both away");
        Files.writeString(kv.resolve("kvConfig.json.bak"), "{\"configTable\":{\"N\":{\"k\":\"v\"}}}");
        assertThat(startAndLook()).isEqualTo(-1);
        Files.delete(file);
        Files.delete(kv.resolve("kvConfig.json.bak"));
        Files.createDirectory(file);
        assertRefused(file.toString(), "cannot be read", "move it away");
    }

    @Test
    void damagedSettingsOfANameserverAreRefused() throws Exception {
        Path file = Files.createDirectories(data.resolve("nameserver")).resolve("nameserver.properties");
        for (String damaged :
                new String[] {"orderMessageEnable=often", "orderMessageEnaqle=true", "", "a=\\u00", "\0\1\2"}) {
            Files.writeString(file, damaged);
            assertRefused(file.toString(), "is damaged", "correct the line", "move the file away");
        }
    }

    @Test
    void aConfigurationFileThatIsNoTextOrNamesWhatIsUnknownIsRefusedWithItsLine() throws Exception {
        Path file = data.resolve("broker.properties");
        Files.writeString(file, "brokerName=a\nbrokerNmae=b\n");
        assertThatThrownBy(() -> ConfigLoader.load(Role.ALL_IN_ONE, file, Map.of(), List.of()))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        refused -> assertThat(refused.problems())
                                .containsExactly(
                                        file + ":2: brokerNmae is no known setting; did you mean brokerName?"));
        Files.write(file, new byte[] {'a', '=', 'b', '\n', 0, 1, 2, '\n', 3});
        assertThatThrownBy(() -> ConfigLoader.load(Role.ALL_IN_ONE, file, Map.of(), List.of()))
                .isInstanceOfSatisfying(
                        ConfigException.class,
                        refused -> assertThat(refused.problems())
                                .containsExactly(file
                                        + ":2: found the byte 0x00, which no text has; the file is damaged: restore it"
                                        + " from a backup"));
    }
}
