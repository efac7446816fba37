package org.merlinmq.broker.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicListener;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.request.GroupLead;
import org.merlinmq.transport.CallFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the broker with all nameservers: at the start, after 10 s, then once per period, and each change of topics at
 * once. Before {@link #start} and after {@link #close} nothing is sent.
 *
 * <p>Each nameserver has a {@link NameserverSync}, so one that is slow or dead does not delay the others. A changed topic
 * costs one small registration, not one of all topics.
 *
 * <p>Threading: any thread. {@link #start}'s periodic thread is virtual; so are the threads that wait for nameservers over
 * the network. A nameserver in the same process gets a change on the thread that made it.
 *
 * <p>Errors: a nameserver that does not answer is logged once, with the cure, and again when it is back. Until then it is
 * tried after 0.1 s, and less and less often down to every 3 s, however many topics change. The same begins when the connection
 * to a nameserver is lost: one that was restarted knows no broker.
 */
public final class Registration implements TopicListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
    private static final Duration UNTIL_SECOND = Duration.ofSeconds(10);
    private static final long CLOSE_MILLIS = 3_000;

    /** How the periodic thread waits. */
    @FunctionalInterface
    interface Pause {
        void pause(Duration duration) throws InterruptedException;
    }

    private final Pause pause;
    private final RegistrationConfig config;
    private final BrokerIdentity identity;
    private final List<NameserverSync> syncs = new ArrayList<>();
    private @Nullable Thread periodic;
    private volatile boolean active;
    private volatile Consumer<RegistrationResult> accepted = answer -> {};
    private volatile Consumer<GroupLead> ended = by -> {};
    private boolean closed;

    /**
     * A registration that is not started.
     *
     * @param config intervals and time-outs
     * @param identity this broker
     * @param topics the broker's topics
     * @param brokerPermission what the broker as a whole allows: 4 read, 2 write
     * @param nameservers the nameservers
     */
    public Registration(
            RegistrationConfig config,
            BrokerIdentity identity,
            TopicTable topics,
            IntSupplier brokerPermission,
            List<NameserverClient> nameservers) {
        this(config, identity, topics, brokerPermission, nameservers, Thread::sleep);
    }

    Registration(
            RegistrationConfig config,
            BrokerIdentity identity,
            TopicTable topics,
            IntSupplier brokerPermission,
            List<NameserverClient> nameservers,
            Pause pause) {
        this.pause = pause;
        this.config = config;
        this.identity = identity;
        RegisteredTopics registered = new RegisteredTopics(topics, brokerPermission);
        nameservers.forEach(
                each -> syncs.add(new NameserverSync(each, identity, registered, config, this::answered, pause)));
        topics.listen(this);
    }

    private void answered(RegistrationResult answer) {
        GroupLead by = answer.endedBy();
        if (by != null) {
            ended.accept(by);
        } else if (answer.refusal() == null) {
            accepted.accept(answer);
        }
    }

    /**
     * Hands each refusal of this broker as the master to somebody, from now on: its group has a later one.
     *
     * @param listener takes the later lead, on the thread that registers; must not block
     */
    public void onEnded(Consumer<GroupLead> listener) {
        ended = listener;
    }

    /**
     * Hands each answer to a registration of all topics to somebody, from now on: a slave learns its master so.
     *
     * @param listener takes them, on the thread that registers; must not block
     */
    public void onAccepted(Consumer<RegistrationResult> listener) {
        accepted = listener;
    }

    /**
     * Registers with all nameservers and starts the periodic registration. Returns when all have answered or failed, or
     * after {@link RegistrationConfig#changeTimeout}.
     */
    public synchronized void start() {
        if (periodic != null || closed) {
            throw new IllegalStateException("started twice, or after the end");
        }
        active = true;
        syncs.forEach(NameserverSync::requestAll);
        awaitChanges();
        periodic = Thread.ofVirtual().name("registration-periodic").start(this::registerPeriodically);
    }

    private void registerPeriodically() {
        try {
            for (Duration wait = UNTIL_SECOND; active; wait = config.period()) {
                pause.pause(wait);
                syncs.forEach(this::remind);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void remind(NameserverSync sync) {
        if (config.forceRegister()) {
            sync.requestAll();
        } else {
            sync.requestCheck();
        }
        sync.startSoon();
    }

    /**
     * Registers all topics with all nameservers, after a change that concerns every topic. Returns as {@link #awaitChanges}.
     */
    public void registerAll() {
        syncs.forEach(NameserverSync::requestAll);
        awaitChanges();
    }

    /** Registers all topics with all nameservers, and returns at once: for who wants their answers. */
    public void registerSoon() {
        if (active) {
            syncs.forEach(NameserverSync::requestAll);
            syncs.forEach(NameserverSync::startSoon);
        }
    }

    /**
     * Returns when the nameservers have every change of topics that was made before this call. Does not wait for those that
     * did not answer last time, and for the others at most {@link RegistrationConfig#changeTimeout}. Blocks; a change that
     * nobody waits for needs no call.
     */
    public void awaitChanges() {
        if (!active) {
            return;
        }
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        for (NameserverSync sync : syncs) {
            sync.start();
            if (!sync.isDown()) {
                sent.add(sync.whenSent());
            }
        }
        await(sent, config.changeTimeout().toMillis());
    }

    private static void await(List<CompletableFuture<Void>> all, long millis) {
        try {
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("nameserver-slow waitedMillis={} effect=\"it gets the changes when it answers\"", millis);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a round failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void changed(Topic topic, DataVersion version) {
        if (active) {
            syncs.forEach(sync -> sync.topicChanged(topic.name(), version));
            syncs.forEach(NameserverSync::startSoon);
        }
    }

    @Override
    public void deleted(Topic topic, DataVersion version) {
        // Nameservers keep a topic until request 216 deletes it; they only need the new version.
        if (active) {
            syncs.forEach(NameserverSync::requestCheck);
            syncs.forEach(NameserverSync::startSoon);
        }
    }

    /**
     * The state of each nameserver.
     *
     * @return one state per nameserver, in the order of the configuration
     */
    public List<NameserverState> states() {
        return syncs.stream()
                .map(sync -> new NameserverState(sync.nameserver().name(), sync.isRegistered()))
                .toList();
    }

    /**
     * Whether this broker is registered with one nameserver.
     *
     * @param name its address
     * @param registered whether the last registration with it succeeded
     */
    public record NameserverState(String name, boolean registered) {}

    /**
     * Ends, and stays registered until the lease ends: another broker goes on at the same address, whose registration takes the
     * place of this one.
     */
    public void leave() {
        end();
    }

    /** Returns false if it had ended before. */
    private synchronized boolean end() {
        if (closed) {
            return false;
        }
        closed = true;
        active = false;
        if (periodic != null) {
            periodic.interrupt();
        }
        syncs.forEach(NameserverSync::close);
        return true;
    }

    /** Unregisters from all nameservers; takes at most 3 s for all. */
    @Override
    public void close() {
        if (!end()) {
            return;
        }
        List<CompletableFuture<Void>> gone = new ArrayList<>();
        for (NameserverSync sync : syncs) {
            if (sync.isRegistered()) {
                CompletableFuture<Void> done = new CompletableFuture<>();
                gone.add(done);
                Thread.ofVirtual()
                        .name("unregister " + sync.nameserver().name())
                        .start(() -> {
                            unregister(sync.nameserver());
                            done.complete(null);
                        });
            }
        }
        await(gone, CLOSE_MILLIS);
    }

    private void unregister(NameserverClient nameserver) {
        try {
            nameserver.unregister(identity, config.callTimeout());
        } catch (CallFailedException e) {
            LOG.warn("unregister-failed nameserver={} error=\"{}\"", nameserver.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
