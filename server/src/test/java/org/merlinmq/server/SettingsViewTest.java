package org.merlinmq.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.ConfigException;
import org.merlinmq.server.config.ConfigLoader;
import org.merlinmq.server.config.Role;
import org.merlinmq.server.config.Settings;

class SettingsViewTest {
    @TempDir
    Path folder;

    private final AtomicLong now = new AtomicLong(7);
    private final List<Config> taken = new ArrayList<>();
    private SettingsView view;

    @BeforeEach
    void load() throws IOException, ConfigException {
        Path file = folder.resolve("broker.conf");
        Files.writeString(file, "# ours\nflushDiskType=SYNC_FLUSH\n");
        view = new SettingsView(
                ConfigLoader.load(Role.ALL_IN_ONE, file, Map.of(), List.of()),
                Map.of("brokerName", "b", "haListenPort", "10912"),
                now::get);
        view.onChange(taken::add);
    }

    private String refused(Map<String, String> changes) {
        return Objects.requireNonNull(view.update(changes)).sentence();
    }

    @Test
    void whatCanChangeAtRunTimeChangesAndIsShown() {
        now.set(8);
        assertThat(view.update(Map.of("brokerPermission", "4", "autoCreateTopicEnable", "false")))
                .isNull();
        assertThat(taken).hasSize(1);
        assertThat(taken.getFirst().value(Settings.PERMISSION)).isEqualTo(4);
        assertThat(taken.getFirst().value(Settings.AUTO_CREATE_TOPIC)).isFalse();
        assertThat(view.settings())
                .containsEntry("brokerPermission", "4")
                .containsEntry("autoCreateTopicEnable", "false")
                .containsEntry("brokerName", "b")
                .containsEntry("haListenPort", "10912");
        assertThat(view.version().counter()).isEqualTo(1);
        assertThat(view.version().millis()).isEqualTo(8);
        assertThat(view.update(Map.of("group.auto-create", "false")))
                .as("by our name")
                .isNull();
        assertThat(view.settings()).containsEntry("autoCreateSubscriptionGroup", "false");
    }

    @Test
    void whatIsSentBackAsItWasShownChangesNothing() {
        Map<String, String> all = new HashMap<>(view.settings());
        assertThat(view.update(all)).isNull();
        all.put("brokerPermission", "2");
        assertThat(view.update(all)).isNull();
        assertThat(view.version().counter()).isEqualTo(1);
        assertThat(view.settings()).containsEntry("brokerPermission", "2");
    }

    @Test
    void whatNeedsARestartIsRefusedWithWhereItStands() {
        assertThat(refused(Map.of("flushDiskType", "ASYNC_FLUSH")))
                .startsWith("flushDiskType does not change while the server runs: change it where it stands, at ")
                .contains("broker.conf:2")
                .endsWith("and start the server again");
        assertThat(refused(Map.of("maxMessageSize", "65536")))
                .isEqualTo("maxMessageSize does not change while the server runs: write maxMessageSize=65536 into the"
                        + " configuration file (or give --set send.max-message=65536) and start the server again");
        assertThat(taken).isEmpty();
    }

    @Test
    void unknownKeysAndValuesAreRefusedAndNothingIsChanged() {
        assertThat(refused(Map.of("brokerPermision", "4", "brokerPermission", "4")))
                .isEqualTo("brokerPermision is no known setting; did you mean brokerPermission?");
        assertThat(refused(Map.of("brokerPermission", "9")))
                .isEqualTo("brokerPermission=9 is not allowed; allowed is 2 (write), 4 (read) or 6 (both)");
        assertThat(refused(Map.of("sendMessageThreadPoolNums", "64")))
                .startsWith("sendMessageThreadPoolNums has no effect here: requests run to completion");
        assertThat(view.settings()).containsEntry("brokerPermission", "6");
        assertThat(taken).isEmpty();
    }
}
