package org.merlinmq.server.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The settings as loaded: each has its default or the value of the strongest source that names it. */
public final class Config {
    private final Role role;
    private final Map<Setting<?>, ConfiguredValue> given;
    private final List<String> notNeeded;
    private final List<String> warnings;

    Config(Role role, Map<Setting<?>, ConfiguredValue> given, List<String> notNeeded, List<String> warnings) {
        this.role = role;
        this.given = Map.copyOf(given);
        this.notNeeded = List.copyOf(notNeeded);
        this.warnings = List.copyOf(warnings);
    }

    /** A value that is not the default, and where it comes from. */
    record ConfiguredValue(Object value, Assignment from) {}

    /** These settings with others in place of some. */
    Config with(Map<Setting<?>, ConfiguredValue> changed) {
        Map<Setting<?>, ConfiguredValue> next = new HashMap<>(given);
        next.putAll(changed);
        return new Config(role, next, notNeeded, warnings);
    }

    /** The value of a setting; null if it is worked out at start. */
    @Nullable Object valueOrNull(Setting<?> setting) {
        ConfiguredValue value = given.get(setting);
        return value != null ? value.value() : setting.defaultValue();
    }

    /** Where a setting was set; null if its default holds. */
    @Nullable String place(Setting<?> setting) {
        ConfiguredValue value = given.get(setting);
        return value == null ? null : value.from().place();
    }

    /** The role that the settings were loaded for. */
    public Role role() {
        return role;
    }

    /**
     * The value of a setting that has a default.
     *
     * @param <T> its type
     * @param setting one of {@link Settings}
     * @return the value
     */
    public <T> T value(Setting<T> setting) {
        return valueOr(setting, () -> {
            throw new IllegalStateException(setting.name() + " has no default: use valueOr");
        });
    }

    /**
     * The value of a setting whose default is worked out at start.
     *
     * @param <T> its type
     * @param setting one of {@link Settings}
     * @param otherwise called if the setting is not set and the table has no default
     * @return the value
     */
    @SuppressWarnings("unchecked") // the loader put in what the setting's own kind parsed
    public <T> T valueOr(Setting<T> setting, Supplier<T> otherwise) {
        ConfiguredValue value = given.get(setting);
        if (value != null) {
            return (T) value.value();
        }
        @Nullable T standard = setting.defaultValue();
        return standard != null ? standard : otherwise.get();
    }

    /**
     * A setting's value as text.
     *
     * @param setting one of {@link Settings} that has a default
     * @return as it is written in a file
     */
    public String text(Setting<?> setting) {
        return print(setting, value(setting));
    }

    /**
     * Whether it is set.
     *
     * @param setting one of {@link Settings}
     * @return false if its default holds
     */
    public boolean isSet(Setting<?> setting) {
        return given.containsKey(setting);
    }

    /**
     * A setting as an operator wrote it, for sentences about it.
     *
     * @param setting one of {@link Settings} that is set or has a default
     * @return for example {@code brokerId=1 (broker-a.properties:3)} or {@code brokerRole=ASYNC_MASTER (the default)}
     */
    public String described(Setting<?> setting) {
        ConfiguredValue value = given.get(setting);
        if (value != null) {
            return value.from().key() + "=" + value.from().value() + " ("
                    + value.from().place() + ")";
        }
        return key(setting) + "=" + setting.defaultText() + " (the default)";
    }

    /** The name by which users of RocketMQ know a setting in a file for this role; our own where they do not. */
    String key(Setting<?> setting) {
        if (setting.equals(Settings.NAMESERVER_PORT) && role == Role.NAMESERVER) {
            return Settings.BROKER_PORT.aliases().getFirst();
        }
        return setting.aliases().isEmpty() ? setting.name() : setting.aliases().getFirst();
    }

    /**
     * All settings of this role as a file that would start the same server: {@code -p} prints it, {@code -m} the more
     * important part.
     *
     * @param importantOnly whether to leave out what few look for
     * @return {@code key=value}, RocketMQ's names and numbers without units where it has the setting; a comment for what
     *     has no value before the start
     */
    public List<String> listing(boolean importantOnly) {
        List<String> lines = new ArrayList<>();
        for (Setting<?> setting : Settings.all()) {
            if (setting.roles().in(role) && (!importantOnly || Settings.isImportant(setting))) {
                boolean none = !isSet(setting) && setting.defaultText().isEmpty();
                String value = setting.aliases().isEmpty() && !none ? print(setting, value(setting)) : plain(setting);
                lines.add((none ? "# " : "") + key(setting) + "=" + value.replace("\\", "\\\\"));
            }
        }
        return lines;
    }

    /**
     * The settings that differ from their defaults, for the start block.
     *
     * @return {@code name=value}, in the order of the table
     */
    public List<String> changed() {
        List<String> changed = new ArrayList<>();
        for (Setting<?> setting : Settings.all()) {
            ConfiguredValue value = given.get(setting);
            if (value == null || !setting.roles().in(role)) {
                continue;
            }
            if (!value.value().equals(setting.defaultValue())) {
                changed.add(setting.name() + "=" + print(setting, value.value()));
            }
        }
        return changed;
    }

    /**
     * All settings that RocketMQ has too, for its administration tools.
     *
     * @return values without units by RocketMQ's names, sorted
     */
    public SortedMap<String, String> byRocketMqName() {
        SortedMap<String, String> all = new TreeMap<>();
        for (Setting<?> setting : Settings.all()) {
            if (!setting.aliases().isEmpty() && setting.roles().in(role)) {
                all.put(setting.aliases().getFirst(), plain(setting));
            }
        }
        return all;
    }

    /** RocketMQ's keys that were given and have no effect here, in the order found. */
    public List<String> notNeeded() {
        return notNeeded;
    }

    /** Warnings about what looks like a mistake and does not stop the start, in the order found. */
    public List<String> warnings() {
        return warnings;
    }

    @SuppressWarnings("unchecked") // as in valueOr
    private static <T> String print(Setting<T> setting, Object value) {
        return setting.kind().printer().apply((T) value);
    }

    private <T> String plain(Setting<T> setting) {
        return isSet(setting) || !setting.defaultText().isEmpty()
                ? setting.kind().plain().apply(value(setting))
                : "";
    }
}
