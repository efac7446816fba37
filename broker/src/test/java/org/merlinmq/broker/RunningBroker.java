package org.merlinmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.admin.ConfigView;
import org.merlinmq.broker.admin.DiskSpace;
import org.merlinmq.broker.dedup.DedupConfig;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.limit.LimitConfig;
import org.merlinmq.broker.pull.PullConfig;
import org.merlinmq.broker.registry.NameserverClient;
import org.merlinmq.broker.registry.RegistrationConfig;
import org.merlinmq.broker.registry.RegistrationResult;
import org.merlinmq.broker.schedule.DelayedRecords;
import org.merlinmq.broker.schedule.RocketMqDelayProgress;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.send.SendConfig;
import org.merlinmq.broker.subscription.FilterConfig;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.transaction.TransactionConfig;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.DataVersion;
import org.merlinmq.protocol.body.TopicConfig;
import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.replication.apache.ApacheMaster;
import org.merlinmq.replication.apache.SlaveListener;
import org.merlinmq.replication.apache.StreamTiming;
import org.merlinmq.storage.Progress;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.log.LogReceiver;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;
import org.merlinmq.transport.Calls;
import org.merlinmq.transport.CallsConfig;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.EventLoops;
import org.merlinmq.transport.EventLoopsConfig;
import org.merlinmq.transport.ListenerConfig;
import org.merlinmq.transport.dispatch.Refusal;

/** A whole broker on a free port of this machine, its store on a simulated disk, and a client that asks it. */
final class RunningBroker implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final byte[] NO_BODY = {};

    private static final Path FOLDER = Path.of("/store");

    private static final int FOLLOWER = -1;

    private final SimDisk disk = new SimDisk();
    private final Storage storage;
    private final EventLoops loops;
    private final Calls calls;
    private final List<Calls> others = new ArrayList<>();
    private final Broker.BrokerResources resources;
    private final List<ListenerConfig> addresses;
    private final TransactionConfig transactions;
    private final int port;
    private final String address;
    private Broker broker;
    private int brokerId;

    RunningBroker() throws IOException {
        this(TransactionConfig.defaults());
    }

    RunningBroker(TransactionConfig transactions) throws IOException {
        this(transactions, 1);
    }

    RunningBroker(TransactionConfig transactions, int loopCount) throws IOException {
        this(transactions, loopCount, null, 0);
    }

    /** The slave of another one, whose log is served at a port. */
    RunningBroker(RunningBroker master, int replicationPort) throws IOException {
        this(TransactionConfig.defaults(), 1, master.address, replicationPort);
    }

    /** A member of the group that another one leads. */
    static RunningBroker follower(RunningBroker leader) throws IOException {
        return new RunningBroker(TransactionConfig.defaults(), 1, leader.address, FOLLOWER);
    }

    private RunningBroker(TransactionConfig transactions, int loopCount, @Nullable String master, int replicationPort)
            throws IOException {
        this.transactions = transactions;
        this.brokerId = master == null ? 0 : 1;
        loops = EventLoops.start(new EventLoopsConfig(loopCount, 64 << 20, "test-net"));
        calls = Calls.open(loops, CallsConfig.defaults());
        port = freePort();
        address = "127.0.0.1:" + port;
        storage = Storage.open(
                StorageConfig.defaults(FOLDER).withSegmentBytes(1 << 20),
                disk,
                clock,
                new DelayedRecords(ScheduleConfig.defaults().levels(), RocketMqDelayProgress.NOTHING),
                Progress.SILENT);
        resources = new Broker.BrokerResources(
                storage, loops, nameservers(master, replicationPort), NO_SETTINGS, NO_SPACE, clock);
        broker = new Broker(config(port, 6, true), resources);
        addresses = List.of(ListenerConfig.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
        if (replicationPort == FOLLOWER) {
            storage.standBy();
            broker.startAsFollower(addresses, calls);
        } else if (master == null) {
            broker.start(addresses, FOLDER.resolve("config"));
        } else {
            broker.startAsSlave(addresses, calls, null, StreamTiming.defaults());
        }
    }

    /** What a slave learns from nameservers. */
    private static List<NameserverClient> nameservers(@Nullable String master, int replicationPort) {
        if (master == null) {
            return List.of();
        }
        RegistrationResult answer = new RegistrationResult(null, null, master, "127.0.0.1:" + replicationPort);
        return List.of(new NameserverClient() {
            @Override
            public String name() {
                return "a nameserver";
            }

            @Override
            public boolean mayBlock() {
                return false;
            }

            @Override
            public RegistrationResult register(
                    BrokerIdentity broker, DataVersion version, Collection<TopicConfig> topics, Duration timeout) {
                return answer;
            }

            @Override
            public boolean isCurrent(BrokerIdentity broker, DataVersion version, Duration timeout) {
                return true;
            }

            @Override
            public void unregister(BrokerIdentity broker, Duration timeout) {}
        });
    }

    /** Takes the lead: another broker goes on with the store. */
    void lead() {
        broker.makeWay();
        storage.takeAppends();
        broker.writeOffsets();
        brokerId = 0;
        broker = new Broker(config(port, 6, true), resources);
        broker.start(addresses, FOLDER.resolve("config"));
    }

    /** Takes another one's log, as far as it has come. */
    void takeLogOf(RunningBroker leader) {
        byte[] log = leader.log();
        int from = (int) storage.maxLogOffset();
        try (LogReceiver receiver = storage.follow()) {
            receiver.append(from, log, from, log.length - from);
        }
    }

    /** Serves slaves on any port. */
    ApacheMaster serveSlaves() throws IOException {
        return ApacheMaster.serve(
                ApacheMaster.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                storage,
                StreamTiming.defaults(),
                SlaveListener.NONE);
    }

    /** The log's bytes, all of them. */
    byte[] log() {
        byte[] bytes = new byte[(int) storage.maxLogOffset()];
        for (int at = 0; at < bytes.length; ) {
            at += storage.copyLog(at, bytes, at, bytes.length - at);
        }
        return bytes;
    }

    /** Whether the clock fails on the timer's thread. */
    final AtomicBoolean clockFails = new AtomicBoolean();

    private final Clock ticking = SimClock.ticking();

    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            if (clockFails.get() && Thread.currentThread().getName().equals("timer")) {
                throw new IllegalStateException("the clock failed");
            }
            return ticking.instant();
        }

        @Override
        public ZoneId getZone() {
            return ticking.getZone();
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };

    private static final DiskSpace NO_SPACE = new DiskSpace() {
        @Override
        public String path() {
            return "/";
        }

        @Override
        public long totalBytes() {
            return 0;
        }

        @Override
        public long usableBytes() {
            return 0;
        }
    };

    private static final ConfigView NO_SETTINGS = new ConfigView() {
        @Override
        public Map<String, String> settings() {
            return Map.of();
        }

        @Override
        public @Nullable Refusal update(Map<String, String> changes) {
            return null;
        }

        @Override
        public Version version() {
            return new Version(0, 0);
        }
    };

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private BrokerConfig config(int port, int permission, boolean autoCreate) {
        return new BrokerConfig(
                new BrokerIdentity("C", "broker-a", brokerId, InetAddress.getLoopbackAddress(), false, port, port + 1),
                64,
                new SendConfig(4 << 20, "DefaultRegion", true, permission, 0),
                new PullConfig(32, 256 << 10, true, 1000, 1000, true, FilterConfig.DEFAULT),
                ScheduleConfig.defaults(),
                LimitConfig.defaults(),
                DedupConfig.defaults(),
                transactions,
                new TopicSettings("C", "broker-a", 8, autoCreate, true, true, false, "RMQ_SYS_TRACE_TOPIC", 8, false),
                new BrokerConfig.GroupConfig(autoCreate, true, 1 << 30),
                RegistrationConfig.defaults());
    }

    /** The connection that requests go through. */
    Connection connection() throws InterruptedException {
        return calls.await(calls.connection(address));
    }

    /** A further connection. */
    Connection another() throws InterruptedException {
        Calls other = Calls.open(loops, CallsConfig.defaults());
        others.add(other);
        return other.await(other.connection(address));
    }

    /** Changes what may change at run time. */
    void reconfigure(int permission, boolean autoCreate) {
        broker.reconfigure(config(port, permission, autoCreate));
    }

    /** Leaves no space for another segment of the log. */
    void fillDisk() {
        disk.fault((operation, path, count) -> {
            if (operation.equals("allocate")) {
                throw new DiskException("allocate " + path + " failed: no space left", true, null);
            }
        });
    }

    /** Undoes {@link #fillDisk}. */
    void freeDisk() {
        disk.fault((operation, path, count) -> {});
    }

    /** How many one-way requests of a kind were refused. */
    long onewayRefusals(RequestCode code) {
        return broker.onewayRefusals().of(code);
    }

    /** Asks and waits. */
    Frame ask(RequestCode code, Map<String, String> fields) throws InterruptedException {
        return ask(code, fields, NO_BODY);
    }

    Frame ask(RequestCode code, Map<String, String> fields, byte[] body) throws InterruptedException {
        return calls.callAndWait(address, Frame.request(code, null, body).withFields(fields), PATIENCE);
    }

    Frame send(String topic, int queueId, String body) throws InterruptedException {
        return ask(
                RequestCode.SEND_MESSAGE_V2,
                Map.of("a", "P", "b", topic, "c", "TBW102", "d", "4", "e", Integer.toString(queueId)),
                body.getBytes(UTF_8));
    }

    /** The fields of a pull that brings its own subscription and does not wait. */
    static Map<String, String> pull(String group, String topic, int queueId, long offset) {
        return Map.of(
                "consumerGroup",
                group,
                "topic",
                topic,
                "queueId",
                Integer.toString(queueId),
                "queueOffset",
                Long.toString(offset),
                "maxMsgNums",
                "32",
                "sysFlag",
                "4",
                "commitOffset",
                "0",
                "suspendTimeoutMillis",
                "0",
                "subscription",
                "*",
                "subVersion",
                "0");
    }

    Frame heartbeat(String group) throws InterruptedException {
        String body = "{\"clientID\":\"c1\",\"consumerDataSet\":[{\"consumeFromWhere\":"
                + "\"CONSUME_FROM_LAST_OFFSET\",\"consumeType\":\"CONSUME_PASSIVELY\",\"groupName\":\"" + group
                + "\",\"messageModel\":\"CLUSTERING\",\"subscriptionDataSet\":[],\"unitMode\":false}],"
                + "\"producerDataSet\":[]}";
        return ask(RequestCode.HEART_BEAT, Map.of(), body.getBytes(UTF_8));
    }

    /** Creates a topic, or changes it. */
    Frame topic(String name, int readQueues, int writeQueues) throws InterruptedException {
        return ask(
                RequestCode.UPDATE_AND_CREATE_TOPIC,
                Map.of(
                        "topic",
                        name,
                        "defaultTopic",
                        "TBW102",
                        "readQueueNums",
                        Integer.toString(readQueues),
                        "writeQueueNums",
                        Integer.toString(writeQueues),
                        "perm",
                        "6",
                        "topicFilterType",
                        "SINGLE_TAG",
                        "order",
                        "false"));
    }

    @Override
    public void close() {
        freeDisk();
        others.forEach(Calls::close);
        calls.close();
        broker.close();
        storage.close();
        loops.close();
    }
}
