package org.merlinmq.replication.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.replication.member.StoreHost;
import org.merlinmq.replication.member.StoredLog;
import org.merlinmq.replication.stream.Message.CopyPart;
import org.merlinmq.storage.Progress;
import org.merlinmq.storage.SetAsideLog;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.StoreEnvironment;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.EpochTable.Epoch;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.state.StateChange;
import org.merlinmq.testkit.SimClock;
import org.merlinmq.testkit.SimDisk;
import org.merlinmq.testkit.SimThreads;

/** A store as brokers have it, on a simulated disk, its work done by steps of this thread. It deletes nothing. */
final class RealStore implements MemberStore, StoreHost {
    private static final StorageConfig CONFIG = StorageConfig.defaults(Path.of("/store"))
            .withSegmentBytes(16 << 10)
            .withCheckpoints(4 << 10, Duration.ofMillis(200));

    private static final String TOPIC = "T";
    private static final int QUEUES = 2;
    private static final int TYPE = 7;

    private final RandomGenerator random;
    private final SimDisk disk;
    private SimThreads threads;
    private Storage storage;
    private final StoredLog log;

    /** What was set aside, and counts. */
    private @Nullable Counting setAside;

    RealStore(RandomGenerator random) {
        this(new SimDisk(), random, null);
    }

    private RealStore(SimDisk disk, RandomGenerator random, @Nullable Counting setAside) {
        this.disk = disk;
        this.random = random;
        this.threads = new SimThreads(random);
        this.storage = open();
        this.log = new StoredLog(this);
        this.setAside = log.setAside() == null ? null : setAside;
    }

    @Override
    public StorageConfig config() {
        return CONFIG;
    }

    @Override
    public Storage storage() {
        return storage;
    }

    @Override
    public void reopen(Runnable change) {
        storage.close();
        threads = new SimThreads(random);
        change.run();
        storage = open();
    }

    @Override
    public StoreEnvironment environment() {
        return new StoreEnvironment(disk, new SimClock(), threads);
    }

    private Storage open() {
        return Storage.open(CONFIG, environment(), RecordRule.NONE, Progress.SILENT);
    }

    @Override
    public List<Epoch> epochs() {
        return log.epochs();
    }

    @Override
    public long begin() {
        return log.begin();
    }

    @Override
    public long end() {
        return log.end();
    }

    @Override
    public long flushed() {
        return log.flushed();
    }

    /** Every third message comes with a change of the state behind it. */
    @Override
    public long append(long id) {
        AppendBatch batch = storage.newBatch(done -> {});
        add(batch, storage.queue(TOPIC, (int) (id % QUEUES)), id);
        storage.append(batch);
        long at = batch.logOffset(0);
        assertThat(storage.maxLogOffset()).isGreaterThan(at);
        if (id % 3 == 0) {
            byte[] key = {(byte) (id % 10)};
            storage.append(new StateChange().put(TYPE, key, Bytes.utf8("as of " + id)));
        }
        threads.run(random.nextInt(3));
        return at;
    }

    private static void add(AppendBatch batch, Queue queue, long id) {
        ByteWriter out = batch.bytes();
        byte[] topic = Bytes.utf8(TOPIC);
        byte[] body = ByteBuffer.allocate(8 + (int) (id * 13 % 300)).putLong(id).array();
        RecordWriter writer = new RecordWriter()
                .queueId(queue.queueId())
                .bornHost(new byte[] {127, 0, 0, 1}, 4711)
                .storeHost(new byte[] {127, 0, 0, 1}, 10911)
                .bornMillis(1000);
        int at = writer.begin(out, body, 0, body.length, topic, 0, topic.length);
        int size = writer.end(out);
        RecordView view = new RecordView();
        view.on(out.array(), at, size);
        batch.add(queue, at, size, new RecordFacts().read(view, RecordRule.NONE));
    }

    @Override
    public void flush() {
        log.flush();
        threads.advance(Duration.ofMillis(random.nextInt(60)));
    }

    @Override
    public int copy(long from, ByteBuffer to) {
        return log.copy(from, to);
    }

    @Override
    public long idAt(long logOffset) {
        byte[] bytes = storage.readRecord(logOffset);
        RecordView view = new RecordView();
        return bytes == null
                        || !view.on(bytes, 0, bytes.length)
                        || !view.topic().equals(TOPIC)
                ? -1
                : Bytes.getLong(bytes, view.bodyAt());
    }

    @Override
    public void startFollowing() {
        log.startFollowing();
    }

    @Override
    public void receive(long logOffset, byte[] bytes) {
        log.receive(logOffset, bytes);
        threads.run(random.nextInt(3));
    }

    @Override
    public void stopFollowing() {
        log.stopFollowing();
    }

    @Override
    public boolean cutBack(long logOffset) {
        assertThat(log.cutBack(logOffset)).isTrue();
        return true;
    }

    @Override
    public void adopt(List<Epoch> epochs) {
        log.adopt(epochs);
    }

    @Override
    public void beginEpoch(int epoch) {
        log.beginEpoch(epoch);
    }

    @Override
    public void deleteBelow(long logOffset) {
        // Retention goes by time and whole segments: the model has it.
    }

    /** Of what consumers see, and of the broker's tables. */
    @Override
    public long state() {
        TreeMap<String, String> seen = new TreeMap<>();
        for (int queueId = 0; queueId < QUEUES; queueId++) {
            Queue queue = storage.queue(TOPIC, queueId);
            EntrySlice slice = new EntrySlice(32);
            StringBuilder entries = new StringBuilder();
            for (long at = queue.minOffset(); queue.read(at, 32, slice) > 0; at += slice.count) {
                for (int i = 0; i < slice.count; i++) {
                    entries.append(at + i)
                            .append(':')
                            .append(idAt(slice.logOffset[i]))
                            .append(' ');
                }
            }
            seen.put("queue " + queueId, entries.toString());
        }
        storage.checkpoint();
        storage.state().replay((type, key, value) -> {
            String name = type + " " + Arrays.toString(key);
            if (value == null) {
                seen.remove(name);
            } else {
                seen.put(name, new String(value, StandardCharsets.UTF_8));
            }
        });
        return seen.toString().hashCode();
    }

    @Override
    public List<CopyPart> copyParts(int epoch) {
        return log.copyParts(epoch);
    }

    @Override
    public boolean takeCopyPart(CopyPart part) {
        return log.takeCopyPart(part);
    }

    @Override
    public void forgetCopyParts() {
        log.forgetCopyParts();
    }

    @Override
    public boolean empty() {
        Counting counting = setAside == null ? counted() : setAside;
        boolean counts = log.empty();
        setAside = counts ? counting : null;
        return counts;
    }

    private Counting counted() {
        Map<Long, Long> ids = new HashMap<>();
        for (int queueId = 0; queueId < QUEUES; queueId++) {
            Queue queue = storage.queue(TOPIC, queueId);
            EntrySlice slice = new EntrySlice(32);
            for (long at = queue.minOffset(); queue.read(at, 32, slice) > 0; at += slice.count) {
                for (int i = 0; i < slice.count; i++) {
                    ids.put(slice.logOffset[i], idAt(slice.logOffset[i]));
                }
            }
        }
        return new Counting(new EpochHistory(epochs(), end()), at -> ids.getOrDefault(at, -1L));
    }

    @Override
    public @Nullable SetAsideLog setAside() {
        return log.setAside();
    }

    @Override
    public void copyIsLevel() {
        log.copyIsLevel();
        setAside = null;
    }

    @Override
    public void putBack() {
        Counting expected = requireNonNull(setAside);
        log.putBack();
        setAside = null;
        assertThat(new EpochHistory(epochs(), end())).isEqualTo(expected.history());
    }

    @Override
    public Counting counting() {
        return setAside == null ? MemberStore.super.counting() : setAside;
    }

    @Override
    public MemberStore fresh() {
        return new RealStore(random);
    }

    @Override
    public MemberStore crash(boolean power, RandomGenerator chance) {
        SimDisk left = power ? disk.losePower(chance) : disk.killProcess();
        storage.close();
        return new RealStore(left, chance, setAside);
    }
}
