package org.merlinmq.broker.pull;

import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.merlinmq.broker.client.ConsumerGroup;
import org.merlinmq.broker.client.ConsumerGroups;
import org.merlinmq.broker.client.FakeChannel;
import org.merlinmq.broker.dispatch.SimLoop;
import org.merlinmq.broker.filter.Filter;
import org.merlinmq.broker.group.FakeJournal;
import org.merlinmq.broker.group.FakeTopics;
import org.merlinmq.broker.group.GroupTable;
import org.merlinmq.broker.offset.OffsetTable;
import org.merlinmq.broker.offset.TestStore;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.subscription.FilterConfig;
import org.merlinmq.broker.subscription.Subscription;
import org.merlinmq.broker.topic.QueueSource;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.protocol.body.ConsumeFromWhere;
import org.merlinmq.protocol.body.ConsumeType;
import org.merlinmq.protocol.body.MessageModel;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.testkit.SimClock;

/** A pull core on a real store, with a shell whose clients are names and whose answers are kept. */
final class Pulling implements AutoCloseable, PullReplies<String> {
    static final PullConfig CONFIG = new PullConfig(32, 256 << 10, true, 1000, 2000, true, FilterConfig.DEFAULT);

    final SimClock clock = new SimClock();
    final SimLoop loop = new SimLoop(clock);
    final TestStore store;
    final TopicTable topics;
    final GroupTable groups = new GroupTable(new FakeJournal(), clock::millis, true, new FakeTopics());
    final ConsumerGroups consumers = new ConsumerGroups(clock::millis, group -> {});
    final ThroughputStats throughput = new ThroughputStats(clock::millis, at -> {}, ZoneOffset.UTC);
    final OffsetTable offsets = new OffsetTable(new FakeJournal(), throughput, () -> {});
    final PullCounters counters = new PullCounters(throughput);

    /** The answers, each as text: code, status, offsets, then the bodies of the messages. */
    final List<String> answers = new ArrayList<>();

    /** The connection of the client c1. */
    final FakeChannel channel = new FakeChannel("10.0.0.1:5");

    /** Where readers go; what lies within 500 bytes of the log's end is in memory. */
    final SlaveReads slaveReads;

    /** The broker to pull from next, by the last answer. */
    long suggested;

    /** Clients that have gone. */
    final Set<String> gone = new HashSet<>();

    private final PullRequest request = new PullRequest();
    private PullCore<String> core;
    private final ByteWriter out = new ByteWriter();
    private String begun = "";

    Pulling(Path folder) {
        store = new TestStore(folder, clock, RecordRule.NONE);
        topics = new TopicTable(
                TopicSettings.defaults("C", "broker-a"),
                store.storage()::append,
                (topic, change) -> {
                    store.storage().append(change);
                    offsets.removeTopic(topic, new StateChange());
                },
                QueueSource.of(store.storage()::queue, store.storage()::findQueue, store.storage()::endedQueue),
                clock::millis);
        topics.start();
        topics.create("T", 4, 6, 0);
        slaveReads = new SlaveReads(store.storage()::maxLogOffset, 500);
        core = core(CONFIG, 6);
    }

    private PullCore<String> core(PullConfig config, int permission) {
        PullChecks checks = new PullChecks(() -> config, () -> permission, topics, groups, consumers, offsets);
        return new PullCore<>(
                checks,
                store.storage(),
                loop,
                this,
                counters,
                slaveReads,
                clock::millis,
                () -> clock.millis() * 1_000_000,
                new ArrivedRecords());
    }

    /** Goes on with other settings. */
    void configure(PullConfig config, int permission) {
        core = core(config, permission);
    }

    void put(String... bodies) {
        for (String body : bodies) {
            store.put("T", 0, body, Map.of(), 0, 0);
        }
    }

    void putTagged(String tag, String body) {
        store.put("T", 0, body, Map.of("TAGS", tag), 0, 0);
    }

    /** What a heartbeat of the group says. */
    void subscribe(String group, String topic, Filter filter, long version) {
        heartbeat(group, MessageModel.CLUSTERING, List.of(new Subscription(topic, "TAG", "*", version, filter)));
    }

    void heartbeat(String group, MessageModel model, List<Subscription> subscriptions) {
        heartbeat(group, channel, "c1", model, subscriptions);
    }

    /** A heartbeat of a client on a connection. */
    void heartbeat(
            String group, FakeChannel from, String clientId, MessageModel model, List<Subscription> subscriptions) {
        groups.findOrCreate(group);
        from.session().heartbeat(clientId, 0, 479, Set.of(group));
        consumers.heartbeat(
                group,
                new ConsumerGroups.Client(from, clientId, 0, 479),
                new ConsumerGroup.ConsumeSettings(
                        ConsumeType.CONSUME_PASSIVELY, model, ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET),
                subscriptions);
    }

    PullCore<String> core() {
        return core;
    }

    /** What a pull of queue 0 of T reads from. */
    PullTarget target() {
        PullChecks checks = new PullChecks(() -> CONFIG, () -> 6, topics, groups, consumers, offsets);
        if (checks.resolve(request(0)) instanceof PullOutcome.Ready ready) {
            return ready.target();
        }
        throw new AssertionError("refused");
    }

    /** A pull of queue 0 of T by the group G, which brings its subscription to all and does not wait. */
    PullRequest request(long offset) {
        request.group.set("G");
        request.topic.set("T");
        request.queueId = 0;
        request.queueOffset = offset;
        request.maxMessages = 32;
        request.maxBytes = Integer.MAX_VALUE;
        request.commitOffset = PullRequest.COMMITS_NOTHING;
        request.suspendMillis = -1;
        request.bringsSubscription = true;
        request.expression.set("*");
        request.expressionType.set("");
        request.subscriptionVersion = 0;
        request.lite = false;
        return request;
    }

    /** The same, which waits. */
    PullRequest waiting(long offset, String expression) {
        PullRequest made = request(offset);
        made.suspendMillis = 15_000;
        made.expression.set(expression);
        return made;
    }

    /** Hands in what {@link #request} made last, for a client of that name. */
    void pull(String client) {
        core.pull(request, client, 7);
    }

    /** Pulls, and returns the answer; empty if there is none yet. */
    String pull(PullRequest made) {
        assert made == request;
        int before = answers.size();
        pull("client");
        return answers.size() == before ? "" : answers.getLast();
    }

    /** As {@link #pull}, of a request that nobody waits for. */
    void oneWay() {
        core.pull(request, null, 7);
    }

    @Override
    public boolean isOpen(String client) {
        return !gone.contains(client);
    }

    private static String text(PullResult result) {
        return result.code + " " + result.status + " next " + result.nextOffset + " of " + result.minOffset + " to "
                + result.maxOffset;
    }

    @Override
    public void nothing(String client, long token, PullResult result) {
        suggested = result.suggestedBroker;
        answers.add(text(result));
    }

    @Override
    public ByteWriter begin(String client, long token, PullResult result) {
        suggested = result.suggestedBroker;
        begun = text(result);
        out.clear();
        return out.putByte(0);
    }

    @Override
    public void end() {
        StringBuilder all = new StringBuilder(begun);
        RecordView record = new RecordView();
        for (int at = 1; at < out.length(); at += record.totalBytes()) {
            if (!record.on(out.array(), at, out.length() - at)) {
                throw new AssertionError("no record at " + at);
            }
            all.append(' ').append(TestStore.body(record));
        }
        answers.add(all.toString());
    }

    @Override
    public void abandon() {
        begun = "";
    }

    @Override
    public void refused(String client, long token, PullOutcome.Refused refused) {
        answers.add(refused.refusal().code() + " " + refused.forbidden() + " "
                + refused.refusal().sentence());
    }

    @Override
    public void close() {
        store.close();
    }
}
