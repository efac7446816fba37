package org.merlinmq.nameserver;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a nameserver runs. What may change while it runs is {@link NameserverSettings}.
 *
 * @param address where to listen; port 0 takes any free one
 * @param folder where {@code kvConfig.json} and {@code nameserver.properties} are; made when first written
 * @param scanInterval how often leases are checked while there are brokers
 * @param settings what may change while it runs; {@code nameserver.properties} in the folder goes before it
 */
public record NameserverConfig(
        InetSocketAddress address, Path folder, Duration scanInterval, NameserverSettings settings) {
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
     * @param folder where its two small files are
     * @return leases checked each 5 s, default settings
     */
    public static NameserverConfig on(InetSocketAddress address, Path folder) {
        return new NameserverConfig(address, folder, Duration.ofSeconds(5), NameserverSettings.defaults());
    }

    /**
     * The same with other settings.
     *
     * @param newSettings what may change while it runs
     * @return the changed configuration
     */
    public NameserverConfig withSettings(NameserverSettings newSettings) {
        return new NameserverConfig(address, folder, scanInterval, newSettings);
    }

    /**
     * The same with another interval.
     *
     * @param interval how often leases are checked
     * @return the changed configuration
     */
    public NameserverConfig withScanInterval(Duration interval) {
        return new NameserverConfig(address, folder, interval, settings);
    }
}
