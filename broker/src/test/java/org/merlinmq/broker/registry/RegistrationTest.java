package org.merlinmq.broker.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.topic.QueueSource;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.nameserver.Nameserver;
import org.merlinmq.nameserver.NameserverConfig;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.QueueRoute;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.GroupLead;
import org.merlinmq.protocol.request.RouteRequest;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.Calls;
import org.merlinmq.transport.CallsConfig;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.EventLoopsConfig;

class RegistrationTest {
    private static final BrokerIdentity SELF =
            new BrokerIdentity("C", "broker-a", 0, InetAddress.getLoopbackAddress(), true, 10911, 10912);

    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();
    private final EventLoops loops = EventLoops.start(new EventLoopsConfig(2, 64 << 20, "net"));
    private final Calls calls = Calls.open(loops, CallsConfig.defaults());
    private final List<AutoCloseable> open = new ArrayList<>();
    private volatile boolean full;
    private int permission = 6;
    private TopicTable topics;

    @BeforeEach
    void start() {
        Journal journal = change -> {
            if (full) {
                throw new DiskException("no space left", true, null);
            }
            return 0;
        };
        QueueSource noQueues = QueueSource.of(
                (topic, queueId) -> {
                    throw new IllegalStateException("no queue is asked for here");
                },
                (topic, queueId) -> null,
                (topic, queueId) -> {
                    throw new IllegalStateException("no queue is asked for here");
                });
        topics = new TopicTable(
                TopicSettings.defaults("C", "broker-a"),
                journal,
                (topic, change) -> journal.append(change),
                noQueues,
                clock::millis);
        topics.start();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        calls.close();
        loops.close();
    }

    private Nameserver nameserver(int port) {
        Nameserver nameserver = Nameserver.start(
                NameserverConfig.on(new InetSocketAddress("0.0.0.0", port), folder.resolve("ns" + open.size())),
                loops,
                clock);
        open.add(nameserver);
        return nameserver;
    }

    private Registration registration(RegistrationConfig config, NameserverClient... nameservers) {
        Registration registration = new Registration(config, SELF, topics, () -> permission, List.of(nameservers));
        open.add(registration);
        registration.start();
        return registration;
    }

    private static RegistrationConfig impatient() {
        return new RegistrationConfig(
                Duration.ofSeconds(30), true, Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofMillis(300));
    }

    private static String address(Nameserver nameserver) {
        return "127.0.0.1:" + nameserver.address().getPort();
    }

    private RemoteNameserverClient remote(Nameserver nameserver) {
        return new RemoteNameserverClient(calls, address(nameserver));
    }

    private @Nullable TopicRoute route(Nameserver nameserver, String topic) throws InterruptedException {
        Frame answer = calls.callAndWait(
                address(nameserver),
                Frame.request(RequestCode.GET_ROUTEINFO_BY_TOPIC, new RouteRequest(topic, true)),
                Duration.ofSeconds(5));
        return answer.isOk() ? TopicRoute.read(answer.body()) : null;
    }

    private QueueRoute queues(Nameserver nameserver, String topic) throws InterruptedException {
        return Objects.requireNonNull(route(nameserver, topic)).queueDatas().get(0);
    }

    private TopicConfig config(String topic) {
        return Objects.requireNonNull(topics.find(topic)).config();
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** A nameserver that a test drives. */
    private static class ScriptedNameserver implements NameserverClient {
        final List<String> told = new CopyOnWriteArrayList<>();
        final Set<DataVersion> versions = ConcurrentHashMap.newKeySet();
        final AtomicInteger rounds = new AtomicInteger();
        final Semaphore passes = new Semaphore(1_000_000);
        volatile @Nullable Set<String> ordered;
        volatile boolean forgets;

        /** Refuses registrations of all topics, too. */
        volatile @Nullable GroupLead laterLead;

        @Override
        public String name() {
            return "scripted";
        }

        @Override
        public boolean mayBlock() {
            return true;
        }

        @Override
        public RegistrationResult register(
                BrokerIdentity broker, DataVersion version, Collection<TopicConfig> topics, Duration timeout)
                throws InterruptedException {
            passes.acquire();
            rounds.incrementAndGet();
            if (laterLead != null) {
                return new RegistrationResult("deposed", null, null, null, laterLead);
            }
            if (topics.size() == 1) {
                if (forgets) {
                    told.add("refused");
                    return new RegistrationResult("who are you", null);
                }
                assertThat(versions.add(version)).as("one version, one change").isTrue();
            } else {
                forgets = false;
                versions.add(version);
            }
            told.add(topics.size() == 1 ? topics.iterator().next().topicName() : "all " + topics.size());
            return new RegistrationResult(null, ordered);
        }

        @Override
        public boolean isCurrent(BrokerIdentity broker, DataVersion version, Duration timeout) {
            told.add("current?");
            return versions.contains(version);
        }

        @Override
        public void unregister(BrokerIdentity broker, Duration timeout) {
            told.add("bye");
        }
    }

    /** A nameserver whose registrations are counted. */
    private record CountingNameserver(NameserverClient nameserver, AtomicInteger tries) implements NameserverClient {
        @Override
        public String name() {
            return nameserver.name();
        }

        @Override
        public boolean mayBlock() {
            return nameserver.mayBlock();
        }

        @Override
        public void onLost(Runnable listener) {
            nameserver.onLost(listener);
        }

        @Override
        public RegistrationResult register(
                BrokerIdentity broker, DataVersion version, Collection<TopicConfig> topics, Duration timeout)
                throws InterruptedException {
            tries.incrementAndGet();
            return nameserver.register(broker, version, topics, timeout);
        }

        @Override
        public boolean isCurrent(BrokerIdentity broker, DataVersion version, Duration timeout)
                throws InterruptedException {
            return nameserver.isCurrent(broker, version, timeout);
        }

        @Override
        public void unregister(BrokerIdentity broker, Duration timeout) throws InterruptedException {
            nameserver.unregister(broker, timeout);
        }
    }

    @Test
    void createdTopicIsKnownOnReturnByNameserversOverTheNetwork() throws InterruptedException {
        Nameserver one = nameserver(0);
        Nameserver two = nameserver(0);
        Registration registration = registration(RegistrationConfig.defaults(), remote(one), remote(two));
        for (int i = 0; i < 20; i++) {
            topics.put(TopicConfig.of("T" + i, 4));
            registration.awaitChanges();
            assertThat(route(one, "T" + i)).isNotNull();
            assertThat(route(two, "T" + i)).isNotNull();
        }
        assertThat(registration.states()).hasSize(2).allMatch(Registration.NameserverState::registered);
        topics.put(TopicConfig.of("T1", 9));
        topics.put(TopicConfig.of("T2", 9));
        registration.awaitChanges();
        assertThat(queues(one, "T1").readQueueNums()).isEqualTo(9);
        assertThat(queues(one, "T2").readQueueNums()).isEqualTo(9);
    }

    /** Started, with pauses that end when there is a permit; those of the periodic registration never do. */
    private Registration paused(NameserverClient nameserver, List<Duration> retries, Semaphore permits) {
        Semaphore never = new Semaphore(0);
        Registration registration =
                new Registration(impatient(), SELF, topics, () -> permission, List.of(nameserver), pause -> {
                    if (pause.compareTo(Duration.ofSeconds(10)) >= 0) {
                        never.acquire();
                    }
                    retries.add(pause);
                    permits.acquire();
                });
        open.add(registration);
        registration.start();
        return registration;
    }

    @Test
    void nameserverThatWasRestartedGetsAllTopicsAtOnce() throws InterruptedException {
        Nameserver first = nameserver(0);
        List<Duration> retries = new CopyOnWriteArrayList<>();
        Semaphore permits = new Semaphore(0);
        Registration registration = paused(remote(first), retries, permits);
        for (int i = 0; i < 3; i++) {
            first.close();
            open.remove(first);
            await(() -> !registration.states().get(0).registered() && retries.size() == 1);
            assertThat(retries).containsExactly(Duration.ofMillis(100));
            first = nameserver(first.address().getPort());
            permits.release();
            await(() -> registration.states().get(0).registered());
            assertThat(route(first, "TBW102")).isNotNull();
            retries.clear();
        }
    }

    @Test
    void nameserverThatWasDownIsTriedLessAndLessOftenAndGetsAllTopics() throws InterruptedException {
        Nameserver first = nameserver(0);
        int port = first.address().getPort();
        List<Duration> retries = new CopyOnWriteArrayList<>();
        Semaphore permits = new Semaphore(0);
        AtomicInteger tries = new AtomicInteger();
        NameserverClient counted = new CountingNameserver(remote(first), tries);
        Registration registration = paused(counted, retries, permits);
        first.close();
        open.remove(first);
        for (int i = 0; i < 100; i++) {
            topics.put(TopicConfig.of("meanwhile-" + i, 4));
            registration.awaitChanges();
        }
        assertThat(registration.states()).noneMatch(Registration.NameserverState::registered);
        assertThat(tries.get()).as("not once for each change").isLessThan(5);
        permits.release(6);
        await(() -> retries.size() == 7);
        assertThat(retries)
                .extracting(Duration::toMillis)
                .containsExactly(100L, 200L, 400L, 800L, 1_600L, 3_000L, 3_000L);
        Nameserver second = nameserver(port);
        permits.release();
        await(() -> registration.states().get(0).registered());
        assertThat(route(second, "meanwhile-99")).isNotNull();
        assertThat(route(second, "TBW102")).isNotNull();
        topics.put(TopicConfig.of("after", 4));
        registration.awaitChanges();
        assertThat(route(second, "after")).isNotNull();
    }

    @Test
    void nameserverThatForgotTheBrokerGetsAllTopics() throws InterruptedException {
        Nameserver nameserver = nameserver(0);
        Registration registration = registration(impatient(), remote(nameserver));
        nameserver.registrar().unregister("C", SELF.address(), "broker-a");
        assertThat(nameserver.topicCount()).isZero();
        topics.put(TopicConfig.of("after", 4));
        registration.awaitChanges();
        assertThat(nameserver.topicCount()).isEqualTo(15);
    }

    @Test
    void nonsenseForAnAnswerEndsNothing() {
        ScriptedNameserver scripted = new ScriptedNameserver() {
            @Override
            public RegistrationResult register(
                    BrokerIdentity broker, DataVersion version, Collection<TopicConfig> all, Duration timeout) {
                rounds.incrementAndGet();
                throw new IllegalArgumentException("nonsense");
            }
        };
        Semaphore wake = new Semaphore(0);
        Registration registration = new Registration(
                impatient(), SELF, topics, () -> permission, List.of(scripted), pause -> wake.acquire());
        open.add(registration);
        registration.start();
        await(() -> {
            // The thread that registers from time to time takes some, too, and what it asks for may come in one round.
            if (wake.availablePermits() == 0) {
                wake.release();
            }
            return scripted.rounds.get() > 1;
        });
        assertThat(registration.states()).noneMatch(Registration.NameserverState::registered);
    }

    @Test
    void deadAndSilentNameserversHoldUpNoOther() throws Exception {
        Nameserver alive = nameserver(0);
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            int dead;
            try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                dead = gone.getLocalPort();
            }
            Registration registration = registration(
                    new RegistrationConfig(
                            Duration.ofSeconds(30),
                            true,
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(1),
                            Duration.ofSeconds(2)),
                    new RemoteNameserverClient(calls, "127.0.0.1:" + silent.getLocalPort()),
                    new RemoteNameserverClient(calls, "127.0.0.1:" + dead),
                    remote(alive));
            long start = System.nanoTime();
            for (int i = 0; i < 20; i++) {
                topics.put(TopicConfig.of("T" + i, 4));
                registration.awaitChanges();
                assertThat(route(alive, "T" + i)).isNotNull();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("those that did not answer are not waited for again")
                    .isLessThan(Duration.ofSeconds(10));
            assertThat(registration.states())
                    .extracting(Registration.NameserverState::registered)
                    .containsExactly(false, false, true);
        }
    }

    @Test
    void changesDuringARoundAreToldInTheNextEachWithItsVersion() {
        ScriptedNameserver scripted = new ScriptedNameserver();
        Registration registration = registration(impatient(), scripted);
        assertThat(scripted.told).containsExactly("all 14");
        scripted.passes.drainPermits();
        topics.put(TopicConfig.of("first", 4));
        await(scripted.passes::hasQueuedThreads);
        for (int i = 0; i < 10; i++) {
            topics.put(TopicConfig.of("T" + i, 4));
            topics.put(TopicConfig.of("twice", 4 + i));
        }
        topics.delete("T3");
        scripted.passes.release(1_000);
        registration.awaitChanges();
        assertThat(scripted.told.subList(1, scripted.told.size()))
                .startsWith("first", "T0", "T1", "T2", "T4")
                .doesNotContain("T3")
                .containsOnlyOnce("twice")
                .contains("current?");
        assertThat(scripted.told.indexOf("twice"))
                .as("last changed, last told")
                .isGreaterThan(scripted.told.indexOf("T9"));
    }

    @Test
    void hundredsOfChangesAtOnceAreToldAsAll() {
        ScriptedNameserver scripted = new ScriptedNameserver();
        Registration registration = registration(impatient(), scripted);
        scripted.passes.drainPermits();
        topics.put(TopicConfig.of("first", 4));
        await(scripted.passes::hasQueuedThreads);
        for (int i = 0; i < 300; i++) {
            topics.put(TopicConfig.of("T" + i, 4));
        }
        scripted.passes.release(1_000);
        registration.awaitChanges();
        assertThat(scripted.told).containsExactly("all 14", "first", "all 315");
    }

    @Test
    void refusedSingleTopicIsFollowedByAll() {
        ScriptedNameserver scripted = new ScriptedNameserver();
        Registration registration = registration(impatient(), scripted);
        scripted.forgets = true;
        topics.put(TopicConfig.of("T", 4));
        registration.awaitChanges();
        assertThat(scripted.told).containsExactly("all 14", "refused", "all 15");
    }

    @Test
    void aMasterHearsThatItWasDeposed() {
        ScriptedNameserver scripted = new ScriptedNameserver();
        Registration registration = registration(impatient(), scripted);
        List<GroupLead> heard = new CopyOnWriteArrayList<>();
        registration.onEnded(heard::add);
        registration.registerAll();
        assertThat(heard).isEmpty();
        scripted.laterLead = new GroupLead(77, 6);
        topics.put(TopicConfig.of("T", 4));
        await(() -> heard.contains(new GroupLead(77, 6)));
        assertThat(registration.states().getFirst().registered()).isFalse();
    }

    @Test
    void orderedTopicsAreMarkedOnceTheDiskTakesIt() {
        ScriptedNameserver scripted = new ScriptedNameserver();
        topics.put(TopicConfig.of("T", 4));
        topics.put(TopicConfig.of("U", 4));
        Registration registration = registration(impatient(), scripted);
        full = true;
        scripted.ordered = Set.of("T");
        registration.registerAll();
        assertThat(config("T").order()).as("no space").isFalse();
        full = false;
        topics.put(TopicConfig.of("U", 5));
        registration.awaitChanges();
        await(() -> config("T").order());
    }

    @Test
    void orderedTopicsAreMarked() {
        ScriptedNameserver scripted = new ScriptedNameserver();
        topics.put(TopicConfig.of("T", 4));
        topics.put(TopicConfig.of("U", 4).withOrder(true));
        Registration registration = registration(impatient(), scripted);
        assertThat(config("U").order()).as("nothing was configured").isTrue();
        scripted.ordered = Set.of("T");
        registration.registerAll();
        await(() -> config("T").order() && !config("U").order());
        registration.awaitChanges();
        int rounds = scripted.rounds.get();
        registration.awaitChanges();
        assertThat(scripted.rounds).as("it came to rest").hasValue(rounds);
        topics.put(TopicConfig.of("V", 4).withOrder(true));
        await(() -> !config("V").order());
    }

    @Test
    void brokerWithoutWritePermissionRegistersItsTopicsSo() throws InterruptedException {
        Nameserver nameserver = nameserver(0);
        Registration registration = registration(impatient(), remote(nameserver));
        topics.put(TopicConfig.of("T", 4));
        permission = 4;
        topics.put(TopicConfig.of("U", 4));
        registration.registerAll();
        registration.awaitChanges();
        assertThat(queues(nameserver, "U").perm()).isEqualTo(4);
        assertThat(config("U").perm()).isEqualTo(6);
    }

    @Test
    void allTopicsAreToldAgainAfterTenSecondsAndThenEachPeriod() throws InterruptedException {
        List<Duration> pauses = new CopyOnWriteArrayList<>();
        Semaphore wake = new Semaphore(0);
        for (boolean force : new boolean[] {true, false}) {
            ScriptedNameserver scripted = new ScriptedNameserver();
            RegistrationConfig config = new RegistrationConfig(
                    Duration.ofSeconds(3), force, Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(5));
            assertThat(config.period()).as("clamped").isEqualTo(Duration.ofSeconds(10));
            pauses.clear();
            Registration registration =
                    new Registration(config, SELF, topics, () -> permission, List.of(scripted), pause -> {
                        pauses.add(pause);
                        wake.acquire();
                    });
            topics.put(TopicConfig.of("before-" + force, 4));
            assertThat(scripted.told).as("not started").isEmpty();
            registration.start();
            wake.release();
            await(() -> scripted.told.size() == 2);
            wake.release();
            await(() -> scripted.told.size() == 3);
            assertThat(scripted.told.get(0)).startsWith("all ");
            assertThat(scripted.told.get(1)).startsWith(force ? "all " : "current?");
            assertThat(scripted.told.get(2)).isEqualTo(scripted.told.get(1));
            await(() -> pauses.size() == 3);
            assertThat(pauses).containsOnly(Duration.ofSeconds(10));
            registration.close();
        }
    }

    @Test
    void afterCloseNothingIsTold() {
        ScriptedNameserver scripted = new ScriptedNameserver();
        Registration registration = registration(impatient(), scripted);
        registration.close();
        registration.close();
        topics.put(TopicConfig.of("T", 4));
        registration.awaitChanges();
        registration.registerAll();
        assertThat(scripted.told).containsExactly("all 14", "bye");
    }
}
