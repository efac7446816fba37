package org.merlinmq.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dedup.DedupTables;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.limit.LimitConfig;
import org.merlinmq.broker.limit.LimitedGroups;
import org.merlinmq.broker.limit.RateLimit;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.send.DuplicateSends;
import org.merlinmq.broker.send.FirstSends;
import org.merlinmq.broker.send.HeldSends;
import org.merlinmq.broker.send.OwnProperties;
import org.merlinmq.broker.send.RecordStager;
import org.merlinmq.broker.send.SendAnswers;
import org.merlinmq.broker.send.SendChecks;
import org.merlinmq.broker.send.SendConfig;
import org.merlinmq.broker.send.SendCore;
import org.merlinmq.broker.send.SendCounters;
import org.merlinmq.broker.send.SendHandler;
import org.merlinmq.broker.send.StagedSends;
import org.merlinmq.broker.send.TopicResolver;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.QueueSource;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.broker.transaction.HalfMessages;
import org.merlinmq.broker.transaction.TransactionConfig;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.protocol.message.UniqueKey;
import org.merlinmq.storage.Storage;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.EventLoopsConfig;
import org.merlinmq.transport.Listener;
import org.merlinmq.transport.ListenerConfig;
import org.merlinmq.transport.Loop;
import org.merlinmq.transport.LoopService;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Dispatcher;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.LoopReplies;
import org.merlinmq.transport.dispatch.OnewayRefusals;

/** All that a send goes through on the server: one event loop, its dispatcher, a real store; and one client's socket. */
final class SendPath implements AutoCloseable {
    static final String TOPIC = "bench";

    private final BenchmarkStore store = BenchmarkStore.open();
    private final EventLoops loops = EventLoops.start(new EventLoopsConfig(1, 64 << 20, "net"));
    private final CompletableFuture<Connection> accepted = new CompletableFuture<>();
    private final FrameScan scan = new FrameScan();
    private final Dispatcher dispatcher;
    private final Listener listener;
    private final SocketChannel client;
    private final Connection connection;
    private final ByteBuffer answers = ByteBuffer.allocateDirect(1 << 20);
    private static final LimitedGroups NO_GROUPS = new LimitedGroups() {
        @Override
        public boolean limitSends() {
            return false;
        }

        @Override
        public @Nullable RateLimit sendLimit(byte[] name, int at, int length) {
            return null;
        }
    };

    private volatile boolean done;

    SendPath() {
        dispatcher = dispatcher(loops.loop(0));
        listener = Listener.start(
                ListenerConfig.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                loops,
                loop -> new AcceptingDispatcher());
        try {
            client = SocketChannel.open(listener.address());
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
        connection = accepted.join();
    }

    private Dispatcher dispatcher(Loop loop) {
        Storage storage = store.storage();
        BrokerIdentity identity =
                new BrokerIdentity("c", "b", 0, InetAddress.getLoopbackAddress(), false, 10_911, 10_912);
        Clock clock = Clock.systemUTC();
        TopicTable topics = topics(storage);
        topics.create(TOPIC, 4, 6, 0);
        SendConfig config = new SendConfig(4 << 20, "DefaultRegion", true, 6, 0);
        LoopReplies replies =
                new LoopReplies(new OnewayRefusals(System::nanoTime, line -> {}), (code, from, fault) -> null);
        SendAnswers answers = new SendAnswers(replies, config);
        SendCounters counters = new SendCounters(new ThroughputStats(clock::millis, at -> {}, ZoneOffset.UTC));
        OwnProperties own = new OwnProperties(identity, config, new UniqueKey(new byte[] {127, 0, 0, 1}, 1, 1, clock));
        ScheduleConfig schedule = ScheduleConfig.defaults();
        HeldSends<Connection> held =
                new HeldSends<>(LimitConfig::defaults, NO_GROUPS, loop, System::nanoTime, new AtomicLong());
        SendCore<Connection> core = new SendCore<>(
                new SendChecks("b", () -> config, storage, clock::millis),
                new TopicResolver(
                        topics,
                        (retryTopic, times, most, version) -> {
                            throw new IllegalStateException("the benchmark does not retry: " + retryTopic);
                        },
                        new SplittableRandom(1)),
                new RecordStager(
                        storage,
                        topics,
                        own,
                        identity,
                        schedule,
                        new HalfMessages(TransactionConfig::defaults, storage.transactions()),
                        clock::millis),
                answered -> new StagedSends<>(storage, identity, loop::runOrExecute, answers, counters, answered),
                answers,
                held,
                new DuplicateSends<>(
                        new DedupTables(64 << 20, clock::millis),
                        new FirstSends(
                                storage, identity, ScheduleConfig.defaults().levels()),
                        answers,
                        counters,
                        held),
                counters);
        return new Dispatcher(
                        new Handlers(), replies, Runnable::run, accept -> new Session(accept.remote()), gone -> {})
                .inPlace(
                        new SendHandler(core, answers, replies),
                        Access.of(Access.Resource.TOPIC, Access.Action.PUB),
                        RequestCode.SEND_MESSAGE_V2);
    }

    /** A topic table on top of a store. */
    static TopicTable topics(Storage storage) {
        QueueSource source = QueueSource.of(storage::queue, storage::findQueue, storage::endedQueue);
        TopicTable topics = new TopicTable(
                TopicSettings.defaults("c", "b"),
                storage::append,
                (topic, change) -> storage.append(change),
                source,
                System::currentTimeMillis);
        topics.start();
        return topics;
    }

    /** Handles so many frames a turn on the loop, so many turns, and drops the answers: no socket takes part. */
    @SuppressWarnings("ThreadPriorityCheck") // the loop may need this core
    void handle(byte[] frame, int turns, int framesPerTurn) {
        done = false;
        connection.loop().execute(() -> {
            for (int turn = 0; turn < turns; turn++) {
                for (int i = 0; i < framesPerTurn; i++) {
                    scan.scan(frame, 0, frame.length);
                    dispatcher.frame(connection, scan);
                }
                dispatcher.readsDone();
                connection.out().clear();
            }
            done = true;
        });
        while (!done) {
            Thread.yield();
        }
    }

    /** Writes frames to the socket in one call and reads as many answers. */
    void roundTrip(ByteBuffer frames, int count) {
        try {
            frames.rewind();
            while (frames.hasRemaining()) {
                client.write(frames);
            }
            int left = count;
            answers.clear();
            int at = 0;
            while (left > 0) {
                if (client.read(answers) < 0) {
                    throw new IllegalStateException("the server closed the connection");
                }
                while (left > 0 && answers.position() - at >= 4 && answers.position() - at >= 4 + answers.getInt(at)) {
                    at += 4 + answers.getInt(at);
                    left--;
                }
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    @Override
    public void close() {
        try {
            client.close();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        listener.close();
        loops.close();
        store.close();
    }

    /** Passes events to the dispatcher, and notes the accepted connection. */
    private final class AcceptingDispatcher implements LoopService {
        @Override
        public void opened(Connection opened) {
            dispatcher.opened(opened);
            accepted.complete(opened);
        }

        @Override
        public void frame(Connection from, FrameScan frame) {
            dispatcher.frame(from, frame);
        }

        @Override
        public void readsDone() {
            dispatcher.readsDone();
        }
    }
}
