package org.merlinmq.broker.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.transport.CallFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to one nameserver: what it has still to be told, told by one thread at a time.
 *
 * <pre>
 *   changed(topic), wantAll(), check()  →  waiting  →  one round: all topics, or each changed topic  →  done
 * </pre>
 *
 * <p>What comes in during a round waits for the next, so a burst of changes is one round. A topic goes out under the
 * version of its own change, oldest first: a nameserver that hears the same version twice believes that nothing changed.
 *
 * <p>Threading: any thread; the waiting list has a lock that is never held during a call. {@link #run} makes the calls.
 */
final class Lane {
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
    /** Changed topics that a round tells one by one to a nameserver over the network; of more it tells all topics. */
    private static final int MAX_SINGLE = 64;
    /** How often a nameserver that is down is tried. */
    static final Duration RETRY = Duration.ofSeconds(3);

    /** What a round has to tell. */
    private record Round(Map<String, DataVersion> topics, boolean all, boolean check, CompletableFuture<Void> done) {}

    private final NameserverDoor door;
    private final Supplier<Registrant> identity;
    private final RegisteredTopics topics;
    private final RegistrationConfig config;

    private final Object lock = new Object();
    private LinkedHashMap<String, DataVersion> changed = new LinkedHashMap<>();
    private boolean all;
    private boolean check;
    private boolean running;
    private CompletableFuture<Void> nextDone = new CompletableFuture<>();
    private CompletableFuture<Void> currentDone = CompletableFuture.completedFuture(null);

    /** Whether the nameserver knows this broker; only the running round reads and writes it. */
    private volatile boolean known;

    private volatile boolean down;

    Lane(NameserverDoor door, Supplier<Registrant> identity, RegisteredTopics topics, RegistrationConfig config) {
        this.door = door;
        this.identity = identity;
        this.topics = topics;
        this.config = config;
    }

    NameserverDoor door() {
        return door;
    }

    /** Whether the last word from this nameserver was a failure. */
    boolean isDown() {
        return down;
    }

    boolean isKnown() {
        return known;
    }

    void changed(String topic, DataVersion version) {
        synchronized (lock) {
            changed.remove(topic);
            changed.put(topic, version);
        }
    }

    void wantAll() {
        synchronized (lock) {
            all = true;
        }
    }

    void check() {
        synchronized (lock) {
            check = true;
        }
    }

    /** Completed when all that waits now, and all that is being told now, has been told or has failed. */
    CompletableFuture<Void> told() {
        synchronized (lock) {
            return waiting() ? nextDone : currentDone;
        }
    }

    private boolean waiting() {
        return all || check || !changed.isEmpty();
    }

    /** Tells what waits; a nameserver in this process right here. One that is down is left to {@link #retry}. */
    void start() {
        if (door.mayBlock()) {
            startSoon();
        } else {
            run();
        }
    }

    /** Tells what waits, on another thread. */
    void startSoon() {
        synchronized (lock) {
            if (running || down || !waiting()) {
                return;
            }
        }
        inBackground();
    }

    /** Tells what waits, on another thread, although the nameserver may be down. */
    void retry() {
        inBackground();
    }

    private void inBackground() {
        Thread.ofVirtual().name("registration " + door.name()).start(this::run);
    }

    /** Tells what waits, unless somebody is at it, who then tells what waits now too. */
    private void run() {
        synchronized (lock) {
            if (running) {
                return;
            }
            running = true;
        }
        for (Round round = next(); round != null; round = next()) {
            try {
                tell(round);
            } catch (RuntimeException e) {
                // The next round starts afresh, with all topics.
                LOG.error("registration-fault nameserver={}", door.name(), e);
                failed(e.toString());
            } finally {
                round.done.complete(null);
            }
        }
    }

    private @Nullable Round next() {
        synchronized (lock) {
            if (!waiting()) {
                running = false;
                return null;
            }
            Round round = new Round(changed, all, check, nextDone);
            changed = new LinkedHashMap<>();
            all = false;
            check = false;
            currentDone = nextDone;
            nextDone = new CompletableFuture<>();
            return round;
        }
    }

    private void tell(Round round) {
        try {
            String refusal = known && !round.all && topicsFit(round) ? tellSingly(round) : tellAll();
            if (refusal != null && known) {
                // It forgot this broker, by a restart or after a silence: then it wants all topics.
                refusal = tellAll();
            }
            reached(refusal);
        } catch (CallFailedException e) {
            failed(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed("interrupted");
        }
    }

    private boolean topicsFit(Round round) {
        return !door.mayBlock() || round.topics.size() <= MAX_SINGLE;
    }

    private @Nullable String tellSingly(Round round) throws InterruptedException {
        for (Map.Entry<String, DataVersion> entry : round.topics.entrySet()) {
            TopicConfig topic = topics.config(entry.getKey());
            if (topic != null) {
                Registered answer =
                        door.register(identity.get(), entry.getValue(), List.of(topic), config.registerTimeout());
                if (answer.refusal() != null) {
                    return answer.refusal();
                }
                topics.answered(answer, topic);
            }
        }
        return round.check && !door.isCurrent(identity.get(), topics.version(), config.callTimeout())
                ? tellAll()
                : null;
    }

    private @Nullable String tellAll() throws InterruptedException {
        known = false;
        DataVersion version = topics.version();
        List<TopicConfig> configs = new ArrayList<>();
        topics.forEach(configs::add);
        Registered answer = door.register(identity.get(), version, configs, config.registerTimeout());
        if (answer.refusal() == null) {
            known = true;
            topics.answered(answer, null);
        }
        return answer.refusal();
    }

    private void reached(@Nullable String refusal) {
        if (refusal != null) {
            failed("it answered: " + refusal);
        } else if (down) {
            down = false;
            LOG.info("nameserver-reached nameserver={}", door.name());
        }
    }

    private void failed(String why) {
        known = false;
        if (!down) {
            down = true;
            LOG.warn(
                    "nameserver-not-reached nameserver={} error=\"{}\" effect=\"clients of it do not find new topics, and"
                            + " after 2 min not this broker\" cure=\"see that it runs and that namesrvAddr names it;"
                            + " tried again each {} s\"",
                    door.name(),
                    why,
                    RETRY.toSeconds());
        }
    }
}
