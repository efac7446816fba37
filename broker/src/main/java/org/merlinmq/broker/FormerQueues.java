package org.merlinmq.broker;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.IndexSink;
import org.merlinmq.storage.RecordIndexer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves out of their queues the records of a topic that RocketMQ had deleted and made again, where the log alone does not
 * tell: those in a queue that got no message since. Where one came, storage sees the queue begin again.
 *
 * <p>RocketMQ's own queue files know: it deletes them with the topic, makes a folder per queue with its first message, and
 * each entry names a log offset. A record is left out only if the topic has queue files, every queue among them has its
 * very first entry still, the record lies below all these, and its own queue has no folder. What is missing or senseless
 * there says nothing. Nor does a topic of which RocketMQ left a file behind, as of a queue that it was flushing while it
 * deleted it: at its own next start, such a queue's former messages come back as well.
 *
 * <p>Threading: one thread at a time.
 * <p>Format: {@code consumequeue/TOPIC/QUEUE/FILE}; a file is named by 20 times its first queue offset, in 20 digits; an
 * entry is {@code logOffset 8 | size 4 | tagsCode 8}.
 * <p>Source: the files of a RocketMQ 4.x or 5.x store.
 */
public final class FormerQueues implements RecordIndexer {
    private static final Logger LOG = LoggerFactory.getLogger(FormerQueues.class);

    private static final String FIRST_FILE = "0".repeat(20);
    private static final int MAX_QUEUE_ID = 65_535;

    private final RecordIndexer all;
    private final Map<String, Life> lives;
    private final long lastBeginning;
    private final Set<String> told = new HashSet<>();

    /** Where a topic's oldest living record begins, and which of its queues have any. */
    private record Life(long logOffset, BitSet queues) {}

    private FormerQueues(RecordIndexer all, Map<String, Life> lives) {
        this.all = all;
        this.lives = lives;
        this.lastBeginning =
                lives.values().stream().mapToLong(Life::logOffset).max().orElse(0);
    }

    /**
     * Reads what RocketMQ's queue files say.
     *
     * @param folder the folder {@code consumequeue}; it need not exist
     * @param all says all else of each record
     * @return the rule
     * @throws IllegalStateException if the folder cannot be read
     */
    public static FormerQueues read(Path folder, RecordIndexer all) {
        Map<String, Life> lives = new HashMap<>();
        try {
            for (Path topic : folders(folder)) {
                Life life = life(topic);
                if (life.logOffset > 0) {
                    lives.put(String.valueOf(topic.getFileName()), life);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    "cannot read " + folder + ": " + e.getMessage() + "; make it readable, or move it away", e);
        }
        return new FormerQueues(all, lives);
    }

    private static List<Path> folders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(folder)) {
            return new ArrayList<>(found.filter(Files::isDirectory).toList());
        }
    }

    private static Life life(Path topic) throws IOException {
        long first = Long.MAX_VALUE;
        BitSet queues = new BitSet();
        for (Path queue : folders(topic)) {
            String name = String.valueOf(queue.getFileName());
            int queueId = name.matches("[0-9]{1,5}") ? Integer.parseInt(name) : MAX_QUEUE_ID + 1;
            long begin = queueId > MAX_QUEUE_ID ? 0 : firstLogOffset(queue.resolve(FIRST_FILE));
            first = Math.min(first, begin);
            if (queueId <= MAX_QUEUE_ID) {
                queues.set(queueId);
            }
        }
        return new Life(queues.isEmpty() ? 0 : first, queues);
    }

    /** Where the first message of a queue lies; 0, below which nothing lies, if that is not known. */
    private static long firstLogOffset(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return 0;
        }
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            long logOffset = in.readLong();
            int size = in.readInt();
            return size > 0 && size < Integer.MAX_VALUE ? Math.max(0, logOffset) : 0;
        } catch (EOFException empty) {
            return 0;
        }
    }

    @Override
    public void index(RecordView record, IndexSink sink) {
        all.index(record, sink);
        if (record.logOffset() < lastBeginning && isFormer(record)) {
            sink.unqueued();
        }
    }

    private boolean isFormer(RecordView record) {
        String topic = record.topic();
        Life life = lives.get(topic);
        if (life == null || record.logOffset() >= life.logOffset || life.queues.get(record.queueId())) {
            return false;
        }
        if (told.add(topic + '/' + record.queueId())) {
            LOG.warn(
                    "queue-left-out topic={} queueId={} below={} cause=\"the topic was deleted and made again\"",
                    topic,
                    record.queueId(),
                    life.logOffset);
        }
        return true;
    }
}
