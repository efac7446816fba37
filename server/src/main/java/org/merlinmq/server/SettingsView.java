package org.merlinmq.server;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.admin.ConfigView;
import org.merlinmq.broker.dispatch.Refusal;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.server.config.Config;

/** The settings as RocketMQ's administration tools see them. They do not change while the broker runs. */
final class SettingsView implements ConfigView {
    private final SortedMap<String, String> settings;
    private final Version version;

    SettingsView(Config config, String brokerName, long nowMillis) {
        this.settings = new TreeMap<>(config.byRocketMqName());
        this.settings.put("brokerName", brokerName);
        this.version = new Version(0, nowMillis);
    }

    @Override
    public Map<String, String> settings() {
        return settings;
    }

    @Override
    public @Nullable Refusal update(Map<String, String> changes) {
        for (Map.Entry<String, String> change : changes.entrySet()) {
            String now = settings.get(change.getKey());
            if (now == null || !now.equals(change.getValue())) {
                return new Refusal(
                        ResponseCode.SYSTEM_ERROR,
                        change.getKey() + " does not change while the broker runs: set it in the configuration file and"
                                + " start the broker again");
            }
        }
        return null;
    }

    @Override
    public Version version() {
        return version;
    }
}
