package org.merlinmq.nameserver;

import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.merlinmq.transport.Connection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops the brokers that fell silent. Asleep while there is no broker.
 *
 * <p>Threading: {@code nameserver-leases}, one daemon thread, started with the first broker; {@link #wake} and {@link
 * #close} on any thread.
 */
final class LeaseWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseWatch.class);

    private final RouteRegistry registry;
    private final long intervalMillis;
    private final Clock clock;
    private final AtomicBoolean awake = new AtomicBoolean();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("nameserver-leases").daemon().unstarted(task));

    LeaseWatch(RouteRegistry registry, long intervalMillis, Clock clock) {
        this.registry = registry;
        this.intervalMillis = intervalMillis;
        this.clock = clock;
    }

    /** Says that there is a broker to watch. */
    void wake() {
        if (awake.get() || !awake.compareAndSet(false, true)) {
            return;
        }
        try {
            var _ = thread.schedule(this::scan, intervalMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("lease-watch-closed");
        }
    }

    private void scan() {
        try {
            registry.expire(clock.millis()).forEach(LeaseWatch::expired);
        } catch (RuntimeException bug) { // the thread is run here: its executor would keep what a task throws to itself
            LOG.error("lease-scan-failed", bug);
        }
        awake.set(false);
        // After the flag: a broker that comes in between wakes by itself.
        if (registry.hasBrokers()) {
            wake();
        }
    }

    private static void expired(BrokerLease lease) {
        LOG.warn(
                "broker-expired {} leaseMillis={} cure=\"see whether it runs and reaches this nameserver\"",
                lease,
                lease.leaseMillis);
        if (lease.connection instanceof Connection connection) {
            connection.close("the lease of its broker expired");
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
