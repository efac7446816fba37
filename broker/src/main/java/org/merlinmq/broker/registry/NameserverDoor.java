package org.merlinmq.broker.registry;

import java.time.Duration;
import java.util.Collection;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;

/**
 * One nameserver, as a broker sees it: over the network or in the same process.
 *
 * <p>Threading: one call at a time, on a thread that may block.
 *
 * <p>Errors: {@link org.merlinmq.transport.CallFailedException} if there is no answer.
 */
public interface NameserverDoor {
    /**
     * What to call it in logs.
     *
     * @return its address
     */
    String name();

    /**
     * Whether a call may wait for the network. If not, it may be made on an event loop.
     *
     * @return false for a nameserver in this process
     */
    boolean mayBlock();

    /**
     * Registers the broker with all its topics, or one topic of a broker that is registered.
     *
     * @param broker who
     * @param version the version of its topics
     * @param topics all of them, or exactly the one that changed
     * @param timeout how long the answer may take
     * @return what the nameserver says
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    Registered register(Registrant broker, DataVersion version, Collection<TopicConfig> topics, Duration timeout)
            throws InterruptedException;

    /**
     * Asks whether the nameserver knows the broker's topics as they are; renews the broker's lease if so.
     *
     * @param broker who
     * @param version the version of its topics
     * @param timeout how long the answer may take
     * @return false if the broker should register with all its topics
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    boolean isCurrent(Registrant broker, DataVersion version, Duration timeout) throws InterruptedException;

    /**
     * Says goodbye.
     *
     * @param broker who
     * @param timeout how long the answer may take
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    void unregister(Registrant broker, Duration timeout) throws InterruptedException;
}
