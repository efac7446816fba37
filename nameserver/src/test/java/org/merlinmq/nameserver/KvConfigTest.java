package org.merlinmq.nameserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KvConfigTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("ns").resolve("kvConfig.json");
    }

    private KvConfig open() {
        return KvConfig.open(new DurableFile(file()));
    }

    @Test
    void valuesSurviveARestartInRocketMqsForm() throws IOException {
        KvConfig values = open();
        assertThat(values.listBody("NS1")).isNull();
        values.put("NS1", "K1", "V1");
        values.put("NS1", "K\"2", "ü");
        values.put("NS2", "K", "V");
        values.delete("NS2", "K");
        values.delete("NS3", "K");
        assertThat(Files.readString(file()))
                .isEqualTo("{\"configTable\":{\"NS1\":{\"K\\\"2\":\"ü\",\"K1\":\"V1\"},\"NS2\":{}}}");
        KvConfig again = open();
        assertThat(again.value("NS1", "K1")).isEqualTo("V1");
        assertThat(again.value("NS1", "K\"2")).isEqualTo("ü");
        assertThat(again.value("NS1", "K3")).isNull();
        assertThat(again.value("NS3", "K1")).isNull();
        assertThat(new String(again.listBody("NS2"), StandardCharsets.UTF_8))
                .as("an emptied namespace goes on existing")
                .isEqualTo("{\"table\":{}}");
        assertThat(again.isEmpty("NS2")).isTrue();
        assertThat(again.isEmpty("NS1")).isFalse();
    }

    @Test
    void apachesFileIsRead() throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "{\n\t\"configTable\":{\"ORDER_TOPIC_CONFIG\":{\"T\":\"broker-a:4\"\n\t\t}}}");
        assertThat(open().value(KvConfig.ORDER_TOPICS, "T")).isEqualTo("broker-a:4");
    }

    @Test
    void damagedFileStopsTheStartAndNamesTheCure() throws IOException {
        Files.createDirectories(file().getParent());
        for (String damaged :
                new String[] {"", "{", "[]", "{}", "{\"configTable\":[]}", "{\"configTable\":{\"N\":1}}"}) {
            Files.writeString(file(), damaged);
            assertThatThrownBy(this::open)
                    .as(damaged)
                    .isInstanceOf(DamagedFileException.class)
                    .hasMessageContaining(file().toString())
                    .hasMessageContaining("move it away");
        }
    }

    @Test
    void failedWriteLeavesTheTableAsItWas() throws IOException {
        KvConfig values = open();
        values.put("N", "K", "V");
        Files.createDirectory(file().resolveSibling("kvConfig.json.tmp"));
        assertThatThrownBy(() -> values.put("N", "K", "W"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("kvConfig.json");
        assertThat(values.value("N", "K")).isEqualTo("V");
        assertThat(open().value("N", "K")).isEqualTo("V");
    }

    @Test
    void settingsChangeLiveAndSurviveARestart() throws IOException {
        DurableFile file = new DurableFile(folder.resolve("nameserver.properties"));
        SettingsStore settings = SettingsStore.open(file, NameserverSettings.defaults(), Map.of("listenPort", "9876"));
        assertThat(settings.current().orderMessageEnable()).isFalse();
        settings.change(Map.of("orderMessageEnable", "true", "somethingElse", "x"));
        assertThat(settings.current().orderMessageEnable()).isTrue();
        assertThatThrownBy(() -> settings.change(Map.of("orderMessageEnable", "maybe")))
                .hasMessageContaining("true or false");
        assertThat(new String(settings.text(), StandardCharsets.UTF_8))
                .contains("listenPort=9876\n", "orderMessageEnable=true\n");
        assertThat(SettingsStore.open(file, NameserverSettings.defaults(), Map.of())
                        .current()
                        .orderMessageEnable())
                .isTrue();
        Files.writeString(file.path(), "orderMessageEnable=often\n");
        assertThatThrownBy(() -> SettingsStore.open(file, NameserverSettings.defaults(), Map.of()))
                .hasMessageContaining("nameserver.properties");
    }
}
