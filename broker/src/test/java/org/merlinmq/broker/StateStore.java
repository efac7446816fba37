package org.merlinmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.client.FakeChannel;
import org.merlinmq.broker.client.LockRecords;
import org.merlinmq.broker.client.QueueLocks;
import org.merlinmq.broker.migrate.RocketMqState;
import org.merlinmq.broker.offset.ConsumeProgress;
import org.merlinmq.broker.schedule.DelayedRecords;
import org.merlinmq.broker.schedule.RocketMqDelayProgress;
import org.merlinmq.broker.schedule.ScheduleConfig;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.broker.topic.Topic;
import org.merlinmq.broker.topic.TopicChange;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.body.MessageQueueId;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.FlushMode;
import org.merlinmq.storage.Progress;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.StoreEnvironment;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.log.RecordReader;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimThreads;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * A store with the broker's tables on it, and nothing else of a broker. The test's thread does the store's own work too, so
 * that two stores with the same history do the same to their disks.
 */
final class StateStore implements AutoCloseable {
    static final Path FOLDER = Path.of("/store");
    static final StorageConfig CONFIG =
            StorageConfig.defaults(FOLDER).withSegmentBytes(64 << 10).withCheckpoints(1 << 30, Duration.ofHours(1));

    final Storage storage;
    final BrokerState state;
    final QueueLocks locks;
    private final SimThreads threads = new SimThreads(new Random(1));
    private final RecordWriter writer = new RecordWriter()
            .bornMillis(1)
            .bornHost(new byte[] {10, 0, 0, 1}, 1)
            .storeHost(new byte[] {10, 0, 0, 2}, 10911);

    StateStore(Disk disk, FlushMode mode) {
        this(disk, CONFIG.withFlush(mode), new SimClock());
    }

    StateStore(Disk disk, StorageConfig config, SimClock clock) {
        storage = Storage.open(
                config,
                new StoreEnvironment(disk, clock, threads),
                new DelayedRecords(ScheduleConfig.defaults().levels(), RocketMqDelayProgress.NOTHING),
                Progress.SILENT);
        boolean started = false;
        try {
            state = new BrokerState(
                    storage,
                    TopicSettings.defaults("cluster", "broker"),
                    true,
                    new ThroughputStats(clock::millis, at -> {}, ZoneOffset.UTC),
                    clock::millis,
                    () -> {});
            locks = new QueueLocks(
                    () -> 0, new LockRecords(state), (group, client) -> true, (group, of) -> {}, in -> {});
            state.start(RocketMqState.of(config.folder().resolve("config")), locks, () -> {});
            started = true;
        } finally {
            if (!started) {
                storage.close();
            }
        }
    }

    /** A topic as a first send makes it. */
    void create(String topic, int queues) {
        TopicChange change = state.topics().createOnSend(topic, "TBW102", queues, false);
        if (change instanceof TopicChange.Refused refused) {
            throw new DiskException(refused.refusal().sentence(), false, null);
        }
    }

    void delete(String topic) {
        Refusal refusal = state.topics().delete(topic);
        if (refusal != null) {
            throw new DiskException(refusal.sentence(), false, null);
        }
        state.makeDurable();
    }

    /** Returns when the message is stored as the flush mode says. */
    void send(String topic, int queueId, String body) {
        Topic to = state.topics().find(topic);
        if (to == null) {
            throw new DiskException("there is no topic " + topic, false, null);
        }
        AtomicBoolean acknowledged = new AtomicBoolean();
        AppendBatch batch = storage.newBatch(done -> acknowledged.set(true));
        byte[] text = Bytes.utf8(body);
        writer.queueId(queueId);
        int at = writer.begin(batch.bytes(), text, 0, text.length, to.nameBytes(), 0, to.nameBytes().length);
        int size = writer.end(batch.bytes());
        RecordView view = new RecordView();
        view.on(batch.bytes().array(), at, size);
        batch.add(to.queue(queueId), at, size, new RecordFacts().read(view, RecordRule.NONE));
        storage.append(batch);
        threads.run();
        assertThat(acknowledged).isTrue();
        if (batch.status() != AppendStatus.STORED) {
            throw new DiskException(batch.reason(), false, null);
        }
    }

    /** Lets time pass, and the store flush what is due. */
    void idle() {
        threads.advance(Duration.ofSeconds(1));
    }

    void commit(String group, String topic, int queueId, long offset) {
        state.offsets().commit(group, topic, queueId, offset);
        state.offsets().flush();
        state.makeDurable();
    }

    /** As a client of a group does that begins to consume a queue in order. */
    void lock(String group, String client, int queueId) {
        locks.lock(group, client, new FakeChannel(client), List.of(queueOf(queueId)));
        mustOwn(group, client, queueId);
    }

    /** As it does when it stops. */
    void unlock(String group, String client, int queueId) {
        locks.unlock(group, client, List.of(queueOf(queueId)));
        mustOwn(group, null, queueId);
    }

    /** The locks go on where the disk fails; what was done must have been written. */
    private void mustOwn(String group, @Nullable String client, int queueId) {
        QueueLocks written =
                new QueueLocks(() -> 0, new LockRecords(state), (any, one) -> true, (any, of) -> {}, in -> {});
        storage.state().replay(written::apply);
        if (!Objects.equals(written.owner(group, queueOf(queueId)), client)) {
            throw new DiskException("the owner was not written", false, null);
        }
        state.makeDurable();
    }

    private static MessageQueueId queueOf(int queueId) {
        return new MessageQueueId("A", "broker", queueId);
    }

    /** Ends the queues that no topic owns; returns of how many topics they were. */
    int deleteUnused() {
        Set<String> names = new TreeSet<>();
        storage.forEachQueue(queue -> names.add(queue.topic()));
        return state.topics().deleteUnowned(names);
    }

    /** All that clients and administrators can see of topics, messages, groups and offsets. */
    Map<String, String> content() {
        Map<String, String> all = new TreeMap<>();
        for (Topic topic : state.topics().all()) {
            if (!topic.system()) {
                all.put("topic " + topic, topic.config().readQueueNums() + " queues");
            }
            for (int id = 0; id < topic.queueLimit(); id++) {
                List<String> bodies = bodies(topic, id);
                if (!bodies.isEmpty()) {
                    all.put("messages " + topic + " " + id, String.join(",", bodies));
                }
            }
        }
        state.groups()
                .table()
                .subscriptionGroupTable()
                .forEach((name, group) -> all.put("group " + name, "retries " + group.retryMaxTimes()));
        state.groups()
                .table()
                .forbiddenTable()
                .forEach((group, topics) -> topics.keySet().forEach(topic -> all.put("forbidden " + group, topic)));
        state.offsets().forEach(of -> putOffsets(of, all));
        for (int id = 0; id < 2; id++) {
            String owner = locks.owner("G", queueOf(id));
            if (owner != null) {
                all.put("owner " + id, owner);
            }
        }
        return all;
    }

    private static void putOffsets(ConsumeProgress of, Map<String, String> all) {
        for (int id = 0; id < 8; id++) {
            if (of.committed(id) != ConsumeProgress.NONE) {
                all.put("offset " + of.group() + " " + of.topic() + " " + id, Long.toString(of.committed(id)));
            }
            if (of.reset(id) != ConsumeProgress.NONE) {
                all.put("reset " + of.group() + " " + of.topic() + " " + id, Long.toString(of.reset(id)));
            }
        }
    }

    /** The same when the store has mended what the first look found damaged. */
    Map<String, String> mendedContent() {
        content();
        threads.run();
        return content();
    }

    List<String> bodies(Topic topic, int queueId) {
        List<String> bodies = new ArrayList<>();
        Queue queue = topic.findQueue(queueId);
        EntrySlice one = new EntrySlice(1);
        RecordReader reader = storage.newRecordReader();
        byte[] record = new byte[64 << 10];
        RecordView view = new RecordView();
        for (long at = queue == null ? 0 : queue.minOffset(); queue != null && at < queue.maxOffset(); at++) {
            boolean read = queue.read(at, 1, one) == 1
                    && reader.read(one, 0, record, 0) == RecordReader.READ_OK
                    && view.on(record, 0, one.size[0]);
            bodies.add(read ? Bytes.text(record, view.bodyAt(), view.bodyBytes()) : "unreadable");
        }
        return bodies;
    }

    @Override
    public void close() {
        storage.close();
    }
}
