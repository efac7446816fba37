package org.merlinmq.console;

import java.time.Duration;

/**
 * How HTTP is served.
 *
 * @param bind the address to listen on
 * @param port the port; 0 for any free one
 * @param maxConnections most connections at a time; one more is closed at once
 * @param maxRequestBytes largest body of a request
 * @param idle a connection that brings nothing for so long is closed
 */
public record ConsoleConfig(String bind, int port, int maxConnections, int maxRequestBytes, Duration idle) {
    /** Checks the bounds. */
    public ConsoleConfig {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("console.port must lie between 0 and 65535, not " + port);
        }
        if (maxConnections < 1 || maxRequestBytes < 0 || idle.isNegative() || idle.isZero()) {
            throw new IllegalArgumentException("console limits must be positive");
        }
    }

    /**
     * The limits that suit a few operators and scrapers.
     *
     * @param bind the address to listen on
     * @param port the port; 0 for any free one
     * @return a configuration
     */
    public static ConsoleConfig on(String bind, int port) {
        return new ConsoleConfig(bind, port, 256, 64 << 10, Duration.ofSeconds(30));
    }
}
