package org.merlinmq.broker.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicListener;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.transport.CallFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps all nameservers told: at the start, after 10 s, then each period, and of each change of topics at once.
 *
 * <p>Before {@link #start} and after {@link #close} nothing is told: at the start all topics are.
 *
 * <p>Each nameserver has a {@link Lane} of its own, so one that is slow or dead holds up no other. A changed topic costs
 * one small registration, not one of all topics.
 *
 * <p>Threading: any thread. {@link #start}'s periodic thread is virtual; so are the threads that wait for nameservers over
 * the network. A nameserver in the same process is told on the thread that made the change.
 *
 * <p>Errors: a nameserver that does not answer is logged once, with the cure, and again when it is back; until then it
 * is tried each 3 s, however many topics change.
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
    private final Supplier<Registrant> identity;
    private final List<Lane> lanes = new ArrayList<>();
    private @Nullable Thread periodic;
    private volatile boolean telling;
    private boolean closed;

    /**
     * A registration with nobody yet.
     *
     * @param config how often and how patiently
     * @param identity who this broker is, asked at each registration
     * @param topics what it has
     * @param brokerPermission what the broker as a whole allows: 4 read, 2 write
     * @param doors the nameservers
     */
    public Registration(
            RegistrationConfig config,
            Supplier<Registrant> identity,
            TopicTable topics,
            IntSupplier brokerPermission,
            List<NameserverDoor> doors) {
        this(config, identity, topics, brokerPermission, doors, Thread::sleep);
    }

    Registration(
            RegistrationConfig config,
            Supplier<Registrant> identity,
            TopicTable topics,
            IntSupplier brokerPermission,
            List<NameserverDoor> doors,
            Pause pause) {
        this.pause = pause;
        this.config = config;
        this.identity = identity;
        RegisteredTopics registered = new RegisteredTopics(topics, brokerPermission);
        doors.forEach(door -> lanes.add(new Lane(door, identity, registered, config)));
        topics.listen(this);
    }

    /**
     * Registers with all nameservers and goes on doing so. Returns when all have answered or failed, or after {@link
     * RegistrationConfig#tellWait}.
     */
    public synchronized void start() {
        if (periodic != null || closed) {
            throw new IllegalStateException("started twice, or after the end");
        }
        telling = true;
        lanes.forEach(Lane::wantAll);
        tell();
        periodic = Thread.ofVirtual().name("registration-periodic").start(this::goOn);
    }

    private void goOn() {
        try {
            Duration untilAll = UNTIL_SECOND;
            while (telling) {
                boolean allUp = lanes.stream().noneMatch(Lane::isDown);
                Duration step = allUp || untilAll.compareTo(Lane.RETRY) < 0 ? untilAll : Lane.RETRY;
                pause.pause(step);
                untilAll = untilAll.minus(step);
                boolean all = untilAll.isZero();
                if (all) {
                    untilAll = config.period();
                }
                lanes.forEach(lane -> remind(lane, all));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void remind(Lane lane, boolean all) {
        if (lane.isDown() || (all && config.forceRegister())) {
            lane.wantAll();
        } else if (all) {
            lane.check();
        }
        lane.retry();
    }

    /**
     * Registers all topics with all nameservers, because something changed that every topic shows. Returns as {@link
     * #tellChanges}.
     */
    public void tellAll() {
        lanes.forEach(Lane::wantAll);
        tell();
    }

    /**
     * Returns when the nameservers know the changes of topics that were made before this call: those that did not answer
     * last time are not waited for, others for at most {@link RegistrationConfig#tellWait}. Blocks; a change that nobody
     * waits for needs no call.
     */
    public void tellChanges() {
        tell();
    }

    private void tell() {
        if (!telling) {
            return;
        }
        List<CompletableFuture<Void>> told = new ArrayList<>();
        for (Lane lane : lanes) {
            lane.start();
            if (!lane.isDown()) {
                told.add(lane.told());
            }
        }
        await(told, config.tellWait().toMillis());
    }

    private static void await(List<CompletableFuture<Void>> all, long millis) {
        try {
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("nameserver-slow waitedMillis={} effect=\"it goes on being told\"", millis);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a lane's round failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void changed(Topic topic, DataVersion version) {
        if (telling) {
            lanes.forEach(lane -> lane.changed(topic.name(), version));
            lanes.forEach(Lane::startSoon);
        }
    }

    @Override
    public void deleted(Topic topic, DataVersion version) {
        // Nameservers keep a topic until they are asked to forget it (request 216); they only need the new version.
        if (telling) {
            lanes.forEach(Lane::check);
            lanes.forEach(Lane::startSoon);
        }
    }

    /**
     * How it stands with each nameserver.
     *
     * @return one state per nameserver, in the order of the configuration
     */
    public List<NameserverState> states() {
        return lanes.stream()
                .map(lane -> new NameserverState(lane.door().name(), lane.isKnown()))
                .toList();
    }

    /**
     * One nameserver as this broker sees it.
     *
     * @param name its address
     * @param registered whether the last registration with it succeeded
     */
    public record NameserverState(String name, boolean registered) {}

    /** Says goodbye to all nameservers, at most 3 s for all. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            telling = false;
            if (periodic != null) {
                periodic.interrupt();
            }
        }
        List<CompletableFuture<Void>> gone = new ArrayList<>();
        for (Lane lane : lanes) {
            if (lane.isKnown()) {
                CompletableFuture<Void> done = new CompletableFuture<>();
                gone.add(done);
                Thread.ofVirtual().name("unregister " + lane.door().name()).start(() -> {
                    unregister(lane.door());
                    done.complete(null);
                });
            }
        }
        await(gone, CLOSE_MILLIS);
    }

    private void unregister(NameserverDoor door) {
        try {
            door.unregister(identity.get(), config.callTimeout());
        } catch (CallFailedException e) {
            LOG.warn("unregister-failed nameserver={} error=\"{}\"", door.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
