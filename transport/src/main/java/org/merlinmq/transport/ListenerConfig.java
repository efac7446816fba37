package org.merlinmq.transport;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How a {@link Listener} listens.
 *
 * @param address where to bind; port 0 takes any free one
 * @param maxConnections how many connections may be open at once; further ones are closed as soon as they are accepted
 * @param limits what each connection may use up
 * @param closeGrace how long closing waits for unsent output to drain
 */
public record ListenerConfig(
        InetSocketAddress address, int maxConnections, ConnectionLimits limits, Duration closeGrace) {
    /** Checks the values. */
    public ListenerConfig {
        if (maxConnections < 1) {
            throw new IllegalArgumentException("maxConnections must be positive, found " + maxConnections);
        }
        if (closeGrace.isNegative()) {
            throw new IllegalArgumentException("closeGrace must not be negative, found " + closeGrace);
        }
    }

    /**
     * The default settings.
     *
     * @param address where to bind
     * @return 20,000 connections, the default limits and 3 s of grace
     */
    public static ListenerConfig on(InetSocketAddress address) {
        return new ListenerConfig(address, 20_000, ConnectionLimits.defaults(), Duration.ofSeconds(3));
    }

    /**
     * The same settings with other limits.
     *
     * @param newLimits what each connection may use up
     * @return the changed settings
     */
    public ListenerConfig withLimits(ConnectionLimits newLimits) {
        return new ListenerConfig(address, maxConnections, newLimits, closeGrace);
    }

    /**
     * The same settings with another bound of connections.
     *
     * @param connections how many may be open at once
     * @return the changed settings
     */
    public ListenerConfig withMaxConnections(int connections) {
        return new ListenerConfig(address, connections, limits, closeGrace);
    }
}
