package org.merlinmq.nameserver;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.merlinmq.transport.ListenerConfig;

/**
 * How a nameserver runs. What may change while it runs is {@link NameserverSettings}.
 *
 * @param listener where to listen, and what connections may use up; port 0 takes any free one
 * @param folder where {@code nameserver.properties} is; made when first written
 * @param table the file of the key-value table; its folder is made when it is first written
 * @param scanInterval how often leases are checked while there are brokers
 * @param settings what may change while it runs; {@code nameserver.properties} in the folder goes before it
 */
public record NameserverConfig(
        ListenerConfig listener, Path folder, Path table, Duration scanInterval, NameserverSettings settings) {
    /** Checks the values. */
    public NameserverConfig {
        if (scanInterval.toMillis() < 1 || scanInterval.compareTo(Duration.ofMinutes(10)) > 0) {
            throw new IllegalArgumentException("scanInterval must be 1 ms to 10 min, found " + scanInterval);
        }
    }

    /**
     * The settings that serve unless somebody needs others.
     *
     * @param address where to listen
     * @param folder where its two small files are, {@code nameserver.properties} and {@code kvConfig.json}
     * @return leases checked each 5 s, default settings
     */
    public static NameserverConfig on(InetSocketAddress address, Path folder) {
        return new NameserverConfig(
                ListenerConfig.on(address),
                folder,
                folder.resolve("kvConfig.json"),
                Duration.ofSeconds(5),
                NameserverSettings.defaults());
    }

    /**
     * The same with other settings.
     *
     * @param newSettings what may change while it runs
     * @return the changed configuration
     */
    public NameserverConfig withSettings(NameserverSettings newSettings) {
        return new NameserverConfig(listener, folder, table, scanInterval, newSettings);
    }

    /**
     * The same with another interval.
     *
     * @param interval how often leases are checked
     * @return the changed configuration
     */
    public NameserverConfig withScanInterval(Duration interval) {
        return new NameserverConfig(listener, folder, table, interval, settings);
    }

    /**
     * The same with its table elsewhere.
     *
     * @param file of the key-value table
     * @return the changed configuration
     */
    public NameserverConfig withTable(Path file) {
        return new NameserverConfig(listener, folder, file, scanInterval, settings);
    }

    /**
     * The same with other limits of connections.
     *
     * @param other where to listen, and what connections may use up
     * @return the changed configuration
     */
    public NameserverConfig withListener(ListenerConfig other) {
        return new NameserverConfig(other, folder, table, scanInterval, settings);
    }
}
