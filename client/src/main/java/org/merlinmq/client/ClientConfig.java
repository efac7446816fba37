package org.merlinmq.client;

import java.time.Duration;
import java.util.List;
import org.merlinmq.transport.HostPort;

/**
 * The settings of every kind of client.
 *
 * @param nameservers {@code host:port} each; if one does not answer, the next is tried
 * @param timeout how long one request may take, connecting included
 * @param instance distinguishes the clients of one process; part of the client id
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
     * The default settings.
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
     * The same settings with another time-out.
     *
     * @param newTimeout how long one request may take
     * @return the changed settings
     */
    public ClientConfig withTimeout(Duration newTimeout) {
        return new ClientConfig(nameservers, newTimeout, instance);
    }
}
