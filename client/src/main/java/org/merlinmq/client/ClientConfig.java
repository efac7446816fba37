package org.merlinmq.client;

import java.time.Duration;
import java.util.List;
import org.merlinmq.transport.HostPort;

/**
 * What every kind of client needs to know.
 *
 * @param nameservers where to ask for routes, {@code host:port} each; one that does not answer is skipped for the next
 * @param timeout how long one request may take, connecting included
 * @param instance tells clients of one process apart; part of the client id
 */
public record ClientConfig(List<String> nameservers, Duration timeout, String instance) {
    /** Checks the values. */
    public ClientConfig {
        nameservers = List.copyOf(nameservers);
        if (nameservers.isEmpty()) {
            throw new IllegalArgumentException("at least one nameserver is needed, as host:port");
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be positive, found " + timeout);
        }
    }

    /**
     * The settings that serve unless there is a reason.
     *
     * @param nameservers addresses with a semicolon or a comma between them
     * @return 3 s per request and an instance name that no other client has
     * @throws IllegalArgumentException if there is no address or one that is none
     */
    public static ClientConfig of(String nameservers) {
        return new ClientConfig(
                HostPort.parseList(nameservers).stream().map(HostPort::toString).toList(),
                Duration.ofSeconds(3),
                ProcessHandle.current().pid() + "#" + System.nanoTime());
    }

    /**
     * The same settings with another patience.
     *
     * @param newTimeout how long one request may take
     * @return the changed settings
     */
    public ClientConfig withTimeout(Duration newTimeout) {
        return new ClientConfig(nameservers, newTimeout, instance);
    }
}
