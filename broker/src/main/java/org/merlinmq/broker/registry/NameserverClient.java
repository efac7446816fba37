package org.merlinmq.broker.registry;

import java.time.Duration;
import java.util.Collection;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;

/**
 * Registers this broker with one nameserver, over the network or in the same process.
 *
 * <p>Threading: one call at a time, on a thread that may block.
 *
 * <p>Errors: {@link org.merlinmq.transport.CallFailedException} if there is no answer.
 */
public interface NameserverClient {
    /** Names the nameserver in logs. */
    String name();

    /**
     * Whether a call may wait for the network. If not, it may be made on an event loop.
     *
     * @return false for a nameserver in this process
     */
    boolean mayBlock();

    /**
     * Calls somebody whenever a connection over which this broker registered has closed, whoever closed it: a nameserver forgets
     * the broker then.
     *
     * @param listener called on any thread; must not block
     */
    default void onLost(Runnable listener) {}

    /**
     * Registers the broker with all its topics, or one topic of a broker that is registered.
     *
     * @param broker the broker
     * @param version the version of its topics
     * @param topics all of them, or exactly the one that changed
     * @param timeout how long the answer may take
     * @return whether it is registered
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    RegistrationResult register(
            BrokerIdentity broker, DataVersion version, Collection<TopicConfig> topics, Duration timeout)
            throws InterruptedException;

    /**
     * Compares the version of the broker's topics with the registered one, and renews the broker's lease if they are equal.
     *
     * @param broker the broker
     * @param version the version of its topics
     * @param timeout how long the answer may take
     * @return false if the broker must register with all its topics
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    boolean isCurrent(BrokerIdentity broker, DataVersion version, Duration timeout) throws InterruptedException;

    /**
     * Removes the broker from the nameserver.
     *
     * @param broker the broker
     * @param timeout how long the answer may take
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    void unregister(BrokerIdentity broker, Duration timeout) throws InterruptedException;
}
