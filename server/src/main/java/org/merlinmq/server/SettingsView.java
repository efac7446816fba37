package org.merlinmq.server;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.admin.ConfigView;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.server.config.Config;
import org.merlinmq.server.config.ConfigException;
import org.merlinmq.server.config.ConfigLoader;
import org.merlinmq.transport.dispatch.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings as RocketMQ's administration tools see and change them. A change holds until the server stops: the
 * configuration file is the operator's and is not written.
 *
 * <p>Threading: any thread; one change at a time.
 */
final class SettingsView implements ConfigView {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsView.class);

    private final Map<String, String> workedOut;
    private final LongSupplier nowMillis;
    private volatile Config config;
    private volatile Version version;
    private volatile Consumer<Config> changed = next -> {};

    /** {@code workedOut}: what the settings may leave to the start, as it is now. */
    SettingsView(Config config, Map<String, String> workedOut, LongSupplier nowMillis) {
        this.config = config;
        this.workedOut = Map.copyOf(workedOut);
        this.nowMillis = nowMillis;
        this.version = new Version(0, nowMillis.getAsLong());
    }

    /** Who takes over changed settings; before the first request. */
    void onChange(Consumer<Config> taker) {
        changed = taker;
    }

    @Override
    public Map<String, String> settings() {
        SortedMap<String, String> settings = new TreeMap<>(config.byRocketMqName());
        settings.putAll(workedOut);
        return settings;
    }

    @Override
    public synchronized @Nullable Refusal update(Map<String, String> changes) {
        Map<String, String> shown = settings();
        Map<String, String> wanted = new TreeMap<>(changes);
        // Tools send back what they were shown, along with what they change.
        wanted.entrySet().removeIf(change -> change.getValue().trim().equals(shown.get(change.getKey())));
        try {
            Config next = ConfigLoader.change(config, wanted);
            if (!next.equals(config)) {
                changed.accept(next);
                config = next;
                version = new Version(version.counter() + 1, nowMillis.getAsLong());
                LOG.info(
                        "settings-changed {} until=\"the next start: write them into the configuration file\"", wanted);
            }
            return null;
        } catch (ConfigException refused) {
            return new Refusal(ResponseCode.SYSTEM_ERROR, String.join("; ", refused.problems()));
        } catch (IllegalArgumentException contradiction) { // each value is allowed, but not together with the others
            return new Refusal(ResponseCode.SYSTEM_ERROR, String.valueOf(contradiction.getMessage()));
        }
    }

    @Override
    public Version version() {
        return version;
    }
}
