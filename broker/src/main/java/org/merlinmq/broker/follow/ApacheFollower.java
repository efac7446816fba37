package org.merlinmq.broker.follow;

import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.group.RequestModes;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.registry.RegistrationResult;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.replication.apache.ApacheSlave;
import org.merlinmq.replication.apache.StreamTiming;
import org.merlinmq.storage.Storage;
import org.merlinmq.transport.Calls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a broker the copy of a RocketMQ master: the log as it grows, the tables each {@link #PERIOD}.
 *
 * <p>Where the master is, the nameservers say with each registration; where it feeds slaves, too, unless that is configured.
 *
 * <p>Threading: {@link #accepted} on any thread; the tables are copied by a virtual thread.
 */
public final class ApacheFollower implements AutoCloseable {
    /** How often the tables are copied. Source: RocketMQ. */
    static final Duration PERIOD = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(ApacheFollower.class);

    private final Calls calls;
    private final ApacheSlave slave;
    private final MasterTables tables;
    private final Thread copier;
    private final @Nullable String configured;

    private final Object lock = new Object();

    // Guarded by lock.
    private @Nullable String master;
    private @Nullable String replication;
    private boolean noMaster;
    private boolean changed;
    private boolean closing;

    /** What went wrong in the last round; null if nothing did. Of the thread that copies. */
    private @Nullable String reported;

    /**
     * What a slave is made of.
     *
     * @param storage the store that becomes the copy
     * @param topics the broker's
     * @param groups the broker's
     * @param modes the broker's
     * @param offsets the broker's
     * @param calls asks the master; closed with the follower
     * @param save makes durable what the tables took over
     * @param nowMillis the wall clock
     */
    public record Parts(
            Storage storage,
            TopicTable topics,
            GroupTable groups,
            RequestModes modes,
            OffsetTable offsets,
            Calls calls,
            Runnable save,
            LongSupplier nowMillis) {}

    private ApacheFollower(Parts parts, @Nullable String haMasterAddress, StreamTiming timing) {
        this.configured = haMasterAddress;
        this.calls = parts.calls;
        this.tables = new MasterTables(
                new MasterTables.Tables(parts.topics, parts.groups, parts.modes, parts.offsets),
                parts.storage,
                parts.calls,
                parts.save,
                parts.nowMillis);
        this.slave = ApacheSlave.start(parts.storage, this::replicationAddress, timing);
        this.copier = Thread.ofVirtual().name("master-tables").unstarted(this::copyTables);
    }

    /**
     * Begins to follow. From now on until {@link #close} the store takes nothing else.
     *
     * @param parts of the broker
     * @param haMasterAddress {@code host:port} of the master's replication port; null to take the one that nameservers name
     * @param timing of the stream
     * @return the running follower
     */
    public static ApacheFollower start(Parts parts, @Nullable String haMasterAddress, StreamTiming timing) {
        ApacheFollower follower = new ApacheFollower(parts, haMasterAddress, timing);
        follower.copier.start();
        return follower;
    }

    /**
     * Takes where the master is out of a nameserver's answer.
     *
     * @param answer to a registration
     */
    public void accepted(RegistrationResult answer) {
        String named = answer.master();
        if (named == null) {
            warnOfNoMaster();
            return;
        }
        boolean moved;
        synchronized (lock) {
            moved = !named.equals(master) || !Objects.equals(answer.masterReplication(), replication);
            master = named;
            replication = answer.masterReplication();
            if (moved) {
                changed = true;
                lock.notifyAll();
            }
        }
        if (moved) {
            LOG.info("master-found master={} replication={}", named, answer.masterReplication());
            slave.masterChanged();
        }
    }

    /** Once: a master that is away stays registered for a while, and one of several nameservers may not know it yet. */
    private void warnOfNoMaster() {
        boolean first;
        synchronized (lock) {
            first = master == null && !noMaster;
            noMaster = true;
        }
        if (first) {
            LOG.warn(
                    "master-unknown cause=\"the nameserver names no master of this broker's name\" effect=\"{}\""
                            + " action=\"start the master, or compare brokerName and namesrvAddr of both\"",
                    configured != null ? "topics, groups and offsets are not copied" : "nothing is copied");
        }
    }

    /** Whether the log is being copied now. */
    public boolean connected() {
        return slave.connected();
    }

    private @Nullable String replicationAddress() {
        synchronized (lock) {
            return configured != null ? configured : replication;
        }
    }

    private void copyTables() {
        try {
            for (String from = awaitRound(Duration.ZERO); from != null; from = awaitRound(PERIOD)) {
                if (!from.isEmpty()) {
                    copyTables(from);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("master-tables-end");
        }
    }

    private void copyTables(String from) throws InterruptedException {
        String wrong;
        try {
            wrong = tables.copy(from, slave.connected());
        } catch (RuntimeException e) {
            // The next round starts afresh.
            LOG.error("master-tables-fault master={}", from, e);
            wrong = e.toString();
        }
        if (wrong != null && !wrong.equals(reported) && !isClosing()) {
            LOG.warn(
                    "master-tables-not-copied master={} cause=\"{}\" effect=\"topics, groups and offsets may be older"
                            + " here\" action=\"tried again each {} s\"",
                    from,
                    wrong,
                    PERIOD.toSeconds());
        }
        reported = wrong;
    }

    private boolean isClosing() {
        synchronized (lock) {
            return closing;
        }
    }

    /** Waits for the next round; returns the master's address, empty if none is known, null at the end. */
    private @Nullable String awaitRound(Duration wait) throws InterruptedException {
        synchronized (lock) {
            long until = System.nanoTime() + wait.toNanos();
            long left = wait.toMillis();
            while (!closing && !changed && (master == null || left > 0)) {
                lock.wait(master == null ? 0 : left);
                left = (until - System.nanoTime()) / 1_000_000;
            }
            changed = false;
            return closing ? null : master == null ? "" : master;
        }
    }

    /** Ends following: the store takes appends again, behind the last whole record that came. */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            lock.notifyAll();
        }
        // A question that waits for its answer fails. The thread is not interrupted: it may be writing a file.
        calls.close();
        try {
            copier.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        slave.close();
    }
}
