package org.merlinmq.server;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.Broker;
import org.merlinmq.broker.replicate.CopyConfig;
import org.merlinmq.broker.replicate.Replication;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.ReplicaStatus;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.request.GroupLead;
import org.merlinmq.replication.core.ReplicationSettings;
import org.merlinmq.replication.member.Member;
import org.merlinmq.replication.member.MemberEvents;
import org.merlinmq.replication.member.MemberView;
import org.merlinmq.replication.member.MemberView.FollowerView;
import org.merlinmq.replication.member.StoreHost;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.StoreEnvironment;
import org.merlinmq.transport.dispatch.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker whose role its group decides: one {@link Broker} after another, each for one role, on the store that the group keeps
 * equal. Each takes its state from the store anew, so that nothing of one role is left in the next.
 *
 * <p>The store takes appends only while this member leads and its broker is, or is about to be, the master.
 *
 * <p>Threading: {@code role} changes brokers; what {@link MemberEvents} and {@link StoreHost} say comes on {@code replica}; the
 * rest on any thread. Order of locks: {@code brokers}, {@code gate}, those of the broker and the store.
 */
final class GroupBroker implements StoreHost, MemberEvents, Replication, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupBroker.class);

    /** How long to wait before a role is tried again that could not be taken: its port is taken, or the disk fails. */
    private static final long AGAIN_MILLIS = 1_000;

    private final StorageConfig config;
    private final StoreEnvironment environment;
    private final Function<StoreEnvironment, Storage> opening;
    private final CopyConfig copies;
    private final Roles roles;
    private final Thread thread = Thread.ofPlatform().name("role").unstarted(this::changeRoles);

    /** Held while a broker or the store is changed. Guards broker and brokerLead, and changes of storage. */
    private final Object brokers = new Object();

    private volatile @Nullable Broker broker;

    /** The lead that the broker is the master by; null if it is none. */
    private @Nullable GroupLead brokerLead;

    private volatile Storage storage;
    private volatile boolean storeOpen;

    /** Held for moments: guards lead together with whether the store takes appends, and what the thread waits for. */
    private final Object gate = new Object();

    private @Nullable GroupLead lead;
    private boolean changed;
    private boolean closing;

    private volatile int inSync;
    private volatile @Nullable Member member;
    private volatile long inSyncBytes;

    /** Makes brokers. */
    @FunctionalInterface
    interface Roles {
        /**
         * Makes a broker and starts it.
         *
         * @param storage its store
         * @param lead by what right as the master; null for a slave
         * @param slaveThere whether there is a slave that keeps up with this broker, or it is one
         * @return the running broker
         * @throws UncheckedIOException if one of its ports is taken
         */
        Broker start(Storage storage, @Nullable GroupLead lead, BooleanSupplier slaveThere);
    }

    /**
     * Opens the store, which stands by.
     *
     * @param config how the store is kept
     * @param environment where it is kept
     * @param opening opens it
     * @param copies for how many others a send waits
     * @param roles makes brokers
     */
    GroupBroker(
            StorageConfig config,
            StoreEnvironment environment,
            Function<StoreEnvironment, Storage> opening,
            CopyConfig copies,
            Roles roles) {
        this.config = config;
        this.environment = environment;
        this.opening = opening;
        this.copies = copies;
        this.roles = roles;
        this.storage = open();
    }

    private Storage open() {
        Storage opened = opening.apply(environment);
        opened.standBy();
        if (copies.copies() > 0) {
            opened.readConfirmedOnly();
        }
        // The rules confirm what so many have, and nothing that more have.
        opened.copies().require(copies.copies(), copies.copies(), copies.timeout(), () -> inSync);
        storeOpen = true;
        return opened;
    }

    /** Starts as a slave, and then the member, which says what comes of it. Throws what starting the broker does. */
    void start(Member of, ReplicationSettings settings) {
        inSyncBytes = settings.inSyncBytes();
        member = of;
        synchronized (brokers) {
            begin(null);
        }
        thread.start();
        of.start();
    }

    // ---- roles

    private void changeRoles() {
        boolean again = false;
        while (awaitChange(again)) {
            again = false;
            try {
                changeRole();
            } catch (UncheckedIOException | DiskException e) {
                LOG.error(
                        "role-not-taken cause=\"{}\" effect=\"clients are not served\" action=\"tried again each second\"",
                        e.getMessage());
                again = true;
            }
        }
    }

    /** Returns false when this is closed. With {@code again} it waits a second at most. */
    private boolean awaitChange(boolean again) {
        synchronized (gate) {
            boolean interrupted = false;
            while (!changed && !closing) {
                try {
                    gate.wait(again ? AGAIN_MILLIS : 0);
                    changed |= again;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            changed = false;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            return !closing;
        }
    }

    private void signal() {
        changed = true;
        gate.notifyAll();
    }

    private void changeRole() {
        synchronized (brokers) {
            GroupLead now = mayLead(false);
            if (!storeOpen || isClosing() || (broker != null && Objects.equals(brokerLead, now))) {
                return;
            }
            Broker before = broker;
            broker = null;
            if (before != null) {
                before.makeWay();
            }
            now = mayLead(true);
            if (now != null && before != null) {
                // What consumers committed here while there was no master.
                before.writeOffsets();
            }
            begin(now);
        }
    }

    private boolean isClosing() {
        synchronized (gate) {
            return closing;
        }
    }

    /** By what right this member leads now, or null; if so, and that is asked for, the store takes appends when this returns. */
    private @Nullable GroupLead mayLead(boolean take) {
        synchronized (gate) {
            if (take && lead != null && !closing) {
                storage.takeAppends();
            }
            return lead;
        }
    }

    /** Under brokers. */
    private void begin(@Nullable GroupLead by) {
        Broker next = roles.start(storage, by, () -> by == null || inSync > 0);
        next.replicateBy(this);
        broker = next;
        brokerLead = by;
        LOG.info("role-taken role={}", by == null ? ReplicationStatus.SLAVE : ReplicationStatus.MASTER);
    }

    // ---- what the member says

    @Override
    public void leads(int epoch, long group) {
        LOG.info("group-led epoch={}", epoch);
        synchronized (gate) {
            lead = new GroupLead(group, epoch);
            signal();
        }
    }

    @Override
    public void stoodDown(String reason) {
        LOG.warn("group-not-led reason=\"{}\"", reason);
        Storage store = storage;
        // What waits for the disk still is not to wait for others then.
        inSync = 0;
        synchronized (gate) {
            lead = null;
            store.standBy();
            signal();
        }
        store.copies().stopLeading();
    }

    @Override
    public void follows(int leader) {
        LOG.info("group-followed leader={}", leader < 0 ? "none" : leader);
    }

    @Override
    public void confirmed(long logOffset) {
        storage.copies().confirmed(copies.copies(), logOffset);
    }

    @Override
    public void readable(long logOffset) {
        storage.readableTo(logOffset);
    }

    @Override
    public void inSync(int count) {
        inSync = count;
        storage.copies().inSyncChanged();
    }

    @Override
    public void reported(String sentence) {
        LOG.debug("group-report sentence=\"{}\"", sentence); // the member has logged it
    }

    // ---- the store

    @Override
    public StorageConfig config() {
        return config;
    }

    @Override
    public StoreEnvironment environment() {
        return environment;
    }

    @Override
    public Storage storage() {
        return storage;
    }

    @Override
    public void reopen(Runnable change) {
        synchronized (brokers) {
            Broker before = broker;
            broker = null;
            if (before != null) {
                before.makeWay();
            }
            storeOpen = false;
            storage.close();
            try {
                change.run();
            } finally {
                storage = open();
            }
        }
        synchronized (gate) {
            signal();
        }
    }

    // ---- what administrators see

    /** The broker of the role that the member has now; null while it changes. */
    @Nullable Broker broker() {
        return broker;
    }

    @Override
    public ReplicationStatus status() {
        MemberView view = Objects.requireNonNull(member).view();
        List<ReplicaStatus> replicas = view.followers().stream()
                .map(each -> replica(each, inSyncBytes))
                .toList();
        String role = switch (view.role()) {
            case LEADS -> ReplicationStatus.MASTER;
            case FOLLOWS -> ReplicationStatus.SLAVE;
            case STANDS_BY -> ReplicationStatus.STANDBY;
        };
        return new ReplicationStatus(
                view.begin(),
                view.confirmed(),
                copies.copies(),
                view.doubtful(),
                view.end(),
                view.epoch(),
                view.flushed(),
                view.leader(),
                replicas,
                role,
                storage.copies().waiting());
    }

    private static ReplicaStatus replica(FollowerView follower, long inSyncBytes) {
        return new ReplicaStatus(
                follower.written(),
                "member " + follower.member(),
                follower.lagBytes() <= inSyncBytes,
                follower.lagBytes(),
                follower.lagMillis(),
                follower.written() + follower.lagBytes());
    }

    @Override
    public @Nullable Refusal promote(boolean force) {
        Member of = member;
        if (of == null) {
            return new Refusal(ResponseCode.SYSTEM_ERROR, "the broker is starting; ask again");
        }
        of.promote(force);
        return null;
    }

    @Override
    public void ended(GroupLead by) {
        Member of = member;
        if (of != null) {
            of.heardOf(by.epoch());
        }
    }

    /** Ends the broker, the member and the store, in this order: what the broker writes at its end the others get, too. */
    @Override
    public void close() {
        synchronized (gate) {
            closing = true;
            gate.notifyAll();
        }
        synchronized (brokers) {
            Broker last = broker;
            broker = null;
            if (last != null) {
                last.close();
            }
        }
        Member of = member;
        if (of != null) {
            of.close();
        }
        if (storeOpen) {
            storage.close();
        }
    }
}
