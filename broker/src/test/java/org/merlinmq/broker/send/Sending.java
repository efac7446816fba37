package org.merlinmq.broker.send;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.dedup.DedupTables;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.broker.dispatch.SimLoop;
import org.merlinmq.broker.group.FakeJournal;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.identity.BrokerIdentity;
import org.merlinmq.broker.limit.LimitConfig;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.schedule.DelayedRecords;
import org.merlinmq.broker.schedule.RocketMqDelayProgress;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.broker.transaction.HalfMessages;
import org.merlinmq.broker.transaction.TransactionConfig;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.platform.thread.PlatformThreads;
import org.merlinmq.platform.thread.StoreThreads;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.UniqueKey;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.StoreEnvironment;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.transport.dispatch.Refusal;

/** A send core on a real store, with a shell whose clients are names and whose answers are kept. */
final class Sending implements AutoCloseable, SendReplies<String> {
    private static final RecordRule RULE =
            new DelayedRecords(ScheduleConfig.defaults().levels(), RocketMqDelayProgress.NOTHING);

    static final SendConfig CONFIG = new SendConfig(1000, "R", true, 6, 0);

    /** One answer, as the shell was given it. */
    record Answer(String client, long token, String what) {}

    final SimClock clock;
    final SimLoop loop;
    final GroupTable groups;
    final DedupTables dedups;
    final AtomicLong heldBytes = new AtomicLong();
    LimitConfig limits = LimitConfig.defaults();
    final TestStore store;
    final TopicTable topics;
    final List<Answer> answers = new ArrayList<>();
    final SendCounters counters;
    final SendRequest request = new SendRequest();

    /** How transactions are served. */
    TransactionConfig transactions = TransactionConfig.defaults();

    /** Where a send to a retry topic goes. */
    SendBack.Destination retried = new SendBack.Destination("%RETRY%G", false, false);

    private final BrokerIdentity identity;
    private final Session session;
    private SendCore<String> core;

    Sending(Path folder) {
        this(TestStore.config(folder), CONFIG);
    }

    Sending(StorageConfig storage, SendConfig config) {
        this(storage, config, new RealDisk(), new SimClock(), new PlatformThreads());
    }

    Sending(StorageConfig storage, SendConfig config, Disk disk, SimClock clock, StoreThreads threads) {
        this.clock = clock;
        loop = new SimLoop(clock);
        groups = new GroupTable(new FakeJournal(), clock::millis, true, new FakeTopics());
        counters = new SendCounters(new ThroughputStats(clock::millis, at -> {}, ZoneOffset.UTC));
        store = new TestStore(storage, new StoreEnvironment(disk, clock, threads), RULE);
        identity = new BrokerIdentity("C", "broker-a", 0, address(10, 0, 0, 7), false, 10911, 10912);
        session = new Session(new InetSocketAddress(address(9, 9, 9, 9), 99));
        topics = store.topics(TopicSettings.defaults("C", "broker-a"));
        if (topics.find("T") == null) {
            topics.create("T", 4, 6, 0);
        }
        dedups = new DedupTables(1 << 20, clock::millis);
        dedups.restore(
                store.storage(),
                topics.all().stream().mapToLong(Topic::dedupMillis).max().orElse(0));
        core = core(config);
    }

    /** Goes on with other settings. */
    void configure(SendConfig config) {
        core = core(config);
    }

    private SendCore<String> core(SendConfig config) {
        UniqueKey keys = new UniqueKey(new byte[] {127, 0, 0, 1}, 1, 1, clock);
        ScheduleConfig schedule = ScheduleConfig.defaults();
        HeldSends<String> held =
                new HeldSends<>(() -> limits, groups, loop, () -> clock.millis() * 1_000_000, heldBytes);
        return new SendCore<>(
                new SendChecks("broker-a", () -> config, store.storage(), clock::millis),
                new TopicResolver(topics, (topic, times, most, version) -> retried, new Random(1)),
                new RecordStager(
                        store.storage(),
                        topics,
                        new OwnProperties(identity, config, keys),
                        identity,
                        schedule,
                        new HalfMessages(() -> transactions, store.storage().transactions()),
                        clock::millis),
                answered -> new StagedSends<>(store.storage(), identity, AT_ONCE, this, counters, answered),
                this,
                held,
                new DuplicateSends<>(
                        dedups, new FirstSends(store.storage(), identity, schedule.levels()), this, counters, held),
                counters);
    }

    static final Executor AT_ONCE = Runnable::run;

    private static InetAddress address(int a, int b, int c, int d) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** A send of an ordinary message, to be changed by the test. */
    SendRequest message(String topic, int queueId, String body, Map<String, String> properties) {
        SendRequest send = request.of(session);
        send.group.set("P");
        send.topic.set(topic);
        send.defaultTopic.set("TBW102");
        send.properties.set(MessageProperties.write(properties));
        send.body.set(body);
        send.batch = false;
        send.queueId = queueId;
        send.sysFlag = 0;
        send.flag = 5;
        send.bornMillis = 77;
        send.reconsumeTimes = 0;
        send.maxReconsumeTimes = SendRequest.NO_MAXIMUM;
        send.defaultQueueCount = 4;
        send.unitMode = false;
        return send;
    }

    /** The same of a batch. */
    SendRequest batch(String topic, byte[] body) {
        SendRequest send = message(topic, 0, "", Map.of("UNIQ_KEY", "OUTER"));
        send.body.set(body, 0, body.length);
        send.batch = true;
        return send;
    }

    /** Hands in what {@link #message} or {@link #batch} made last, for a client of that name. */
    @Nullable Refusal stage(@Nullable String client, long token) {
        return core.send(request, client, token);
    }

    void commit() {
        core.commit();
    }

    /** Hands in and commits. */
    @Nullable Refusal send(SendRequest made) {
        assert made == request;
        Refusal refusal = stage("client", 1);
        commit();
        return refusal;
    }

    @Override
    public void stored(String client, long token, StoredSend what) {
        String ids = Bytes.text(what.messageIds.array(), 0, what.messageIds.length());
        answers.add(new Answer(
                client,
                token,
                what.code + " " + ids + " queue " + what.queueId + " offset " + what.queueOffset + " key "
                        + what.uniqueKey + (what.recallHandle.isEmpty() ? "" : " recall " + what.recallHandle)));
    }

    @Override
    public void refused(String client, long token, Refusal why) {
        answers.add(new Answer(client, token, why.code() + " " + why.sentence()));
    }

    @Override
    public void close() {
        store.close();
    }
}
