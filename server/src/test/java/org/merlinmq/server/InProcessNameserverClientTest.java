package org.merlinmq.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.registry.Registration;
import org.merlinmq.broker.registry.RegistrationConfig;
import org.merlinmq.broker.topic.QueueSource;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.nameserver.Nameserver;
import org.merlinmq.nameserver.NameserverConfig;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.body.TopicRoute;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.protocol.request.RouteRequest;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.Calls;
import org.merlinmq.transport.CallsConfig;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.EventLoopsConfig;

/** A topic table whose changes go to a nameserver in the same process. */
class InProcessNameserverClientTest {
    private static final BrokerIdentity SELF =
            new BrokerIdentity("C", "broker-a", 0, InetAddress.getLoopbackAddress(), true, 10911, 10912);

    /** The topics that a broker has from the start. */
    private static final int SYSTEM_TOPICS = 14;

    @TempDir
    Path folder;

    private final SimClock clock = new SimClock();
    private final EventLoops loops = EventLoops.start(new EventLoopsConfig(2, 64 << 20, "net"));
    private final Calls calls = Calls.open(loops, CallsConfig.defaults());
    private Nameserver nameserver;
    private TopicTable topics;
    private Registration registration;

    @BeforeEach
    void start() {
        nameserver = Nameserver.start(
                NameserverConfig.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), folder), loops, clock);
        QueueSource noQueues = QueueSource.of(
                (topic, queueId) -> {
                    throw new IllegalStateException("no queue is asked for here");
                },
                (topic, queueId) -> null,
                (topic, queueId) -> {
                    throw new IllegalStateException("no queue is asked for here");
                });
        topics = new TopicTable(
                TopicSettings.defaults("C", "broker-a"), change -> 0, (topic, change) -> {}, noQueues, clock::millis);
        topics.start();
        registration = new Registration(
                RegistrationConfig.defaults(),
                SELF,
                topics,
                () -> 6,
                List.of(new InProcessNameserverClient(nameserver.registrar())));
        registration.start();
    }

    @AfterEach
    void stop() {
        registration.close();
        nameserver.close();
        calls.close();
        loops.close();
    }

    private @Nullable TopicRoute route(String topic) throws InterruptedException {
        Frame answer = calls.callAndWait(
                "127.0.0.1:" + nameserver.address().getPort(),
                Frame.request(RequestCode.GET_ROUTEINFO_BY_TOPIC, new RouteRequest(topic, true)),
                Duration.ofSeconds(5));
        return answer.isOk() ? TopicRoute.read(answer.body()) : null;
    }

    @Test
    void aCreatedTopicIsKnownOnReturn() throws InterruptedException {
        TopicRoute system = Objects.requireNonNull(route("TBW102"));
        assertThat(system.brokerDatas().get(0).brokerAddrs()).containsEntry(0L, "127.0.0.1:10911");
        for (int i = 0; i < 100; i++) {
            topics.put(TopicConfig.of("T" + i, 4));
            registration.awaitChanges();
            assertThat(route("T" + i)).as("T" + i).isNotNull();
        }
        registration.close();
        assertThat(route("T1")).as("it unregistered").isNull();
    }

    @Test
    void topicsThatManyThreadsCreateAreAllKnown() {
        int threads = 4;
        int each = 5_000;
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            String prefix = "t" + t + "-";
            all.add(CompletableFuture.runAsync(
                    () -> {
                        for (int i = 0; i < each; i++) {
                            topics.put(TopicConfig.of(prefix + i, 8));
                            registration.awaitChanges();
                        }
                    },
                    task -> Thread.ofVirtual().start(task)));
        }
        all.forEach(CompletableFuture::join);
        assertThat(nameserver.topicCount()).isEqualTo(threads * each + SYSTEM_TOPICS);
        assertThat(nameserver.registrar().queryDataVersion("C", SELF.address(), topics.version()))
                .isEqualTo(topics.version());
    }
}
