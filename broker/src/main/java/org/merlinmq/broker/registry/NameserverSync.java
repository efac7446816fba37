package org.merlinmq.broker.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.transport.CallFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one nameserver up to date: collects changes and sends them in rounds, one round at a time.
 *
 * <pre>
 *   topicChanged(), requestAll(), requestCheck()  →  pending  →  one round: all topics, or each changed topic  →  done
 * </pre>
 *
 * <p>Changes during a round wait for the next one, so a burst of changes is one round. A topic is registered under the
 * version of its own change, oldest first: a nameserver that gets the same version twice assumes that nothing changed.
 *
 * <p>Threading: any thread; the pending changes have a lock that is never held during a call. {@link #run} makes the calls.
 */
final class NameserverSync {
    private static final Logger LOG = LoggerFactory.getLogger(NameserverSync.class);
    /** Most changed topics that a round registers one by one over the network; beyond that it registers all topics. */
    private static final int MAX_SINGLE = 64;

    /** Time until the first attempt to reach a nameserver that is down; each further one waits twice as long. */
    static final Duration FIRST_RETRY = Duration.ofMillis(100);

    /** The longest time between two attempts. */
    static final Duration MAX_RETRY = Duration.ofSeconds(3);

    /** What one round sends. */
    private record Round(Map<String, DataVersion> topics, boolean all, boolean check, CompletableFuture<Void> done) {}

    private final NameserverClient nameserver;
    private final BrokerIdentity identity;
    private final RegisteredTopics topics;
    private final RegistrationConfig config;
    private final Consumer<RegistrationResult> answered;
    private final Registration.Pause pause;

    private final Object lock = new Object();
    private LinkedHashMap<String, DataVersion> changed = new LinkedHashMap<>();
    private boolean all;
    private boolean check;
    private boolean running;

    /** Tries until the nameserver is reached; null if it is, as far as is known. */
    private @Nullable Thread retrying;

    private CompletableFuture<Void> nextDone = new CompletableFuture<>();
    private CompletableFuture<Void> currentDone = CompletableFuture.completedFuture(null);

    /** Whether this broker is registered; false, too, once the connection that it registered over was lost. */
    private volatile boolean registered;

    /** Whether the connection was lost since the registration that is under way, or the last one, began. */
    private volatile boolean lost;

    private volatile boolean down;

    private volatile boolean closed;

    /** The state of one nameserver; {@code answered} takes each answer to a registration of all topics. */
    NameserverSync(
            NameserverClient nameserver,
            BrokerIdentity identity,
            RegisteredTopics topics,
            RegistrationConfig config,
            Consumer<RegistrationResult> answered,
            Registration.Pause pause) {
        this.nameserver = nameserver;
        this.identity = identity;
        this.topics = topics;
        this.config = config;
        this.answered = answered;
        this.pause = pause;
        nameserver.onLost(this::lost);
    }

    NameserverClient nameserver() {
        return nameserver;
    }

    /** Whether the last call failed. */
    boolean isDown() {
        return down;
    }

    boolean isRegistered() {
        return registered;
    }

    void topicChanged(String topic, DataVersion version) {
        synchronized (lock) {
            changed.remove(topic);
            changed.put(topic, version);
        }
    }

    void requestAll() {
        synchronized (lock) {
            all = true;
        }
    }

    void requestCheck() {
        synchronized (lock) {
            check = true;
        }
    }

    /** Completed when every change that is pending or being sent now has been sent or has failed. */
    CompletableFuture<Void> whenSent() {
        synchronized (lock) {
            return hasPending() ? nextDone : currentDone;
        }
    }

    private boolean hasPending() {
        return all || check || !changed.isEmpty();
    }

    /** Sends what is pending; to a nameserver in this process on this thread. Skips one that is down, which is tried anyway. */
    void start() {
        if (nameserver.mayBlock()) {
            startSoon();
        } else {
            run();
        }
    }

    /** Sends what is pending, on another thread. */
    void startSoon() {
        synchronized (lock) {
            if (running || down || !hasPending()) {
                return;
            }
        }
        Thread.ofVirtual().name("registration " + nameserver.name()).start(this::run);
    }

    /** The nameserver may have been restarted, and forgotten this broker with the connection that it registered over. */
    private void lost() {
        LOG.info("nameserver-lost nameserver={} action=\"registered again\"", nameserver.name());
        lost = true;
        registered = false;
        retry();
    }

    /** Registers all topics as soon as the nameserver can be reached: tries soon at first, and then less and less often. */
    private void retry() {
        synchronized (lock) {
            if (retrying == null && !closed) {
                retrying = Thread.ofVirtual()
                        .name("registration-retry " + nameserver.name())
                        .start(this::retryUntilRegistered);
            }
        }
    }

    private void retryUntilRegistered() {
        try {
            Duration wait = FIRST_RETRY;
            do {
                pause.pause(wait);
                wait = wait.multipliedBy(2).compareTo(MAX_RETRY) < 0 ? wait.multipliedBy(2) : MAX_RETRY;
                if (!registered) {
                    requestAll();
                    run();
                }
            } while (!isReached());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether there is nothing to be tried any more: then the thread that asks ends. */
    private boolean isReached() {
        synchronized (lock) {
            if (!registered) {
                return false;
            }
            retrying = null;
            return true;
        }
    }

    /** Tries no more. */
    void close() {
        synchronized (lock) {
            closed = true;
            if (retrying != null) {
                retrying.interrupt();
            }
        }
    }

    /** Sends what is pending, unless a round is running, which then sends it too. */
    private void run() {
        synchronized (lock) {
            if (running) {
                return;
            }
            running = true;
        }
        for (Round round = next(); round != null; round = next()) {
            try {
                send(round);
            } catch (RuntimeException e) {
                // The next round starts afresh, with all topics.
                LOG.error("registration-fault nameserver={}", nameserver.name(), e);
                failed(e.toString());
            } finally {
                round.done.complete(null);
            }
        }
    }

    private @Nullable Round next() {
        synchronized (lock) {
            if (!hasPending()) {
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

    private void send(Round round) {
        try {
            String refusal = registered && !round.all && sendsSingly(round) ? registerChanged(round) : registerAll();
            if (refusal != null && registered) {
                // It no longer knows this broker, after a restart or an expired lease, and needs all topics.
                refusal = registerAll();
            }
            reached(refusal);
        } catch (CallFailedException e) {
            failed(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed("interrupted");
        }
    }

    private boolean sendsSingly(Round round) {
        return !nameserver.mayBlock() || round.topics.size() <= MAX_SINGLE;
    }

    private @Nullable String registerChanged(Round round) throws InterruptedException {
        for (Map.Entry<String, DataVersion> entry : round.topics.entrySet()) {
            TopicConfig topic = topics.config(entry.getKey());
            if (topic != null) {
                RegistrationResult answer =
                        nameserver.register(identity, entry.getValue(), List.of(topic), config.registerTimeout());
                if (answer.refusal() != null) {
                    return answer.refusal();
                }
                topics.applyOrder(answer, topic);
            }
        }
        return round.check && !nameserver.isCurrent(identity, topics.version(), config.callTimeout())
                ? registerAll()
                : null;
    }

    private @Nullable String registerAll() throws InterruptedException {
        registered = false;
        lost = false;
        DataVersion version = topics.version();
        List<TopicConfig> configs = new ArrayList<>();
        topics.forEach(configs::add);
        RegistrationResult answer = nameserver.register(identity, version, configs, config.registerTimeout());
        if (answer.refusal() == null) {
            registered = true;
            if (lost) {
                registered = false;
            }
            topics.applyOrder(answer, null);
        }
        answered.accept(answer);
        return answer.refusal();
    }

    private void reached(@Nullable String refusal) {
        if (refusal != null) {
            failed("refused: " + refusal);
        } else if (down) {
            down = false;
            LOG.info("nameserver-reached nameserver={}", nameserver.name());
        }
    }

    private void failed(String why) {
        registered = false;
        if (!down && !closed) {
            down = true;
            LOG.warn(
                    "nameserver-not-reached nameserver={} error=\"{}\" effect=\"clients of it do not find new topics, and"
                            + " after 2 min not this broker\" cure=\"see that it runs and that namesrvAddr names it;"
                            + " tried again each {} s\"",
                    nameserver.name(),
                    why,
                    MAX_RETRY.toSeconds());
        }
        retry();
    }
}
