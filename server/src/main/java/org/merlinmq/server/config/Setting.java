package org.merlinmq.server.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing an operator can set.
 *
 * @param <T> the type of its value
 * @param name our own name, for example {@code storage.flush-interval}
 * @param aliases the names it has in RocketMQ's files
 * @param kind what values it takes; package-private knowledge, see {@link Config#value}
 * @param defaultText its default as text; empty means that the value is worked out at start
 * @param roles which processes read it
 * @param what what it does, for the options page
 */
public record Setting<T>(
        String name, List<String> aliases, SettingType<T> kind, String defaultText, Roles roles, String what) {

    /** Which processes read a setting. */
    public enum Roles {
        /** Every process. */
        ALL,
        /** Processes with a broker in them. */
        BROKER,
        /** Processes with a nameserver in them. */
        NAMESERVER;

        boolean in(Role role) {
            return switch (this) {
                case ALL -> true;
                case BROKER -> role != Role.NAMESERVER;
                case NAMESERVER -> role != Role.BROKER;
            };
        }
    }

    // Each setting is one object. What a record has of itself is linked at its first call: 20 ms of a start.

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /** The default as a value; null if it is worked out at start. */
    @Nullable T defaultValue() {
        return defaultText.isEmpty() ? null : kind.parse(defaultText);
    }

    /**
     * The name of the environment variable that sets it.
     *
     * @return for example {@code MERLIN_STORAGE_FLUSH_INTERVAL}
     */
    public String environmentName() {
        return "MERLIN_"
                + name.toUpperCase(java.util.Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
