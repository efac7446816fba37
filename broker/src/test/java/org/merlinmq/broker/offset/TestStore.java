package org.merlinmq.broker.offset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.broker.topic.QueueSource;
import org.merlinmq.broker.topic.TopicSettings;
import org.merlinmq.broker.topic.TopicTable;
import org.merlinmq.platform.disk.RealDisk;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.protocol.message.MessageProperties;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.protocol.message.RecordWriter;
import org.merlinmq.storage.Progress;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.StorageConfig;
import org.merlinmq.storage.StoreEnvironment;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.log.AppendBatch;
import org.merlinmq.storage.log.AppendStatus;
import org.merlinmq.storage.queue.EntrySlice;
import org.merlinmq.storage.queue.Queue;
import org.merlinmq.storage.state.StateChange;

/** A real store in a folder of the test's own, and a hand that writes and reads messages. */
public final class TestStore implements AutoCloseable {
    private static final byte[] HOST = {10, 1, 2, 3};
    private static final int PORT = 10911;

    private final Storage storage;
    private final Clock clock;

    /**
     * A store of small segments. The disk is the machine's: however full it is, nothing is refused or deleted for that.
     *
     * @param folder where it lies
     * @return its settings
     */
    public static StorageConfig config(Path folder) {
        return StorageConfig.defaults(folder).withSegmentBytes(256 << 10).withDiskLimits(1, 1, 1);
    }

    /**
     * Opens the store.
     *
     * @param folder where it lies
     * @param clock the time that messages are stored at
     * @param rule what only the broker knows of records that lie there already
     */
    public TestStore(Path folder, Clock clock, RecordRule rule) {
        this(config(folder), clock, rule);
    }

    /**
     * Opens a store.
     *
     * @param config how it is kept
     * @param clock the time that messages are stored at
     * @param rule what only the broker knows of records that lie there already
     */
    public TestStore(StorageConfig config, Clock clock, RecordRule rule) {
        this(config, StoreEnvironment.of(new RealDisk(), clock), rule);
    }

    /**
     * Opens a store that is simulated.
     *
     * @param config how it is kept
     * @param environment its disk, clock and threads
     * @param rule what only the broker knows of records that lie there already
     */
    public TestStore(StorageConfig config, StoreEnvironment environment, RecordRule rule) {
        clock = environment.clock();
        storage = Storage.open(config, environment, rule, Progress.SILENT);
    }

    /**
     * Leaves nothing of a closed store but its log, as if another broker had written it: all else is derived again.
     *
     * @param folder where the store lies
     */
    public static void keepOnlyTheLog(Path folder) {
        Path log = folder.resolve("commitlog");
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(log))
                    .toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The store itself.
     *
     * @return the open store
     */
    public Storage storage() {
        return storage;
    }

    /**
     * The topics that are kept in this store.
     *
     * @param settings what the configuration says about topics
     * @return a started table
     */
    public TopicTable topics(TopicSettings settings) {
        TopicTable topics = new TopicTable(
                settings,
                storage::append,
                (topic, change) -> storage.append(change),
                QueueSource.of(storage::queue, storage::findQueue, storage::endedQueue),
                clock::millis);
        storage.state().replay(topics::apply);
        topics.start();
        return topics;
    }

    /**
     * Ends a topic's queues.
     *
     * @param topic the topic
     */
    public void deleteTopic(String topic) {
        storage.append(new StateChange().remove(StateTypes.TOPIC, StateTypes.key(topic)));
    }

    /**
     * Stores a message.
     *
     * @param topic its topic
     * @param queueId its queue
     * @param body its text
     * @param properties its properties
     * @param reconsumeTimes how often it was consumed in vain
     * @param dueMillis when it is due, 0 for a message that is not delayed
     * @return where its record begins
     */
    public long put(
            String topic,
            int queueId,
            String body,
            Map<String, String> properties,
            int reconsumeTimes,
            long dueMillis) {
        List<AppendStatus> told = new ArrayList<>();
        AppendBatch batch = storage.newBatch(done -> told.add(done.status()));
        stage(batch, topic, queueId, body, properties, reconsumeTimes, dueMillis);
        return append(batch, told);
    }

    /**
     * Stores messages by one append, one for each properties given.
     *
     * @param topic their topic
     * @param queueId their queue
     * @param each the properties of each
     */
    public void putTogether(String topic, int queueId, List<Map<String, String>> each) {
        List<AppendStatus> told = new ArrayList<>();
        AppendBatch batch = storage.newBatch(done -> told.add(done.status()));
        for (Map<String, String> properties : each) {
            stage(batch, topic, queueId, "x", properties, 0, 0);
        }
        append(batch, told);
    }

    private long append(AppendBatch batch, List<AppendStatus> told) {
        storage.append(batch);
        if (!told.equals(List.of(AppendStatus.STORED))) {
            throw new AssertionError("not stored: " + told + " " + batch.reason());
        }
        return batch.logOffset(0);
    }

    private void stage(
            AppendBatch batch,
            String topic,
            int queueId,
            String body,
            Map<String, String> properties,
            int reconsumeTimes,
            long dueMillis) {
        RecordWriter writer = new RecordWriter()
                .queueId(queueId)
                .bornMillis(77)
                .bornHost(new byte[] {9, 9, 9, 9}, 99)
                .storeHost(HOST, PORT)
                .reconsumeTimes(reconsumeTimes);
        ByteWriter out = batch.bytes();
        byte[] name = Bytes.utf8(topic);
        byte[] text = Bytes.utf8(body);
        int at = writer.begin(out, text, 0, text.length, name, 0, name.length);
        out.put(Bytes.utf8(MessageProperties.write(properties)));
        int size = writer.end(out);
        RecordView view = new RecordView();
        view.on(out.array(), at, size);
        RecordFacts facts = new RecordFacts().read(view, RecordRule.NONE);
        if (dueMillis != 0) {
            facts.due(dueMillis);
        }
        if (topic.equals("SCHEDULE_TOPIC_XXXX")) {
            facts.tagsCode(dueMillis);
        }
        batch.add(storage.queue(topic, queueId), at, size, facts);
    }

    /**
     * All messages of a queue.
     *
     * @param topic its topic
     * @param queueId its id
     * @return their records
     */
    public List<RecordView> read(String topic, int queueId) {
        List<RecordView> found = new ArrayList<>();
        Queue queue = storage.findQueue(topic, queueId);
        EntrySlice one = new EntrySlice(1);
        for (long at = 0; queue != null && at < queue.maxOffset(); at++) {
            if (queue.read(at, 1, one) == 1) {
                byte[] bytes = storage.readRecord(one.logOffset[0]);
                RecordView view = new RecordView();
                if (bytes != null && view.on(bytes, 0, bytes.length)) {
                    found.add(view);
                }
            }
        }
        return found;
    }

    /**
     * A message's text.
     *
     * @param record its record
     * @return the body
     */
    public static String body(RecordView record) {
        return Bytes.text(record.bytes(), record.bodyAt(), record.bodyBytes());
    }

    @Override
    public void close() {
        storage.close();
    }
}
