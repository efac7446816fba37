package org.merlinmq.broker.migrate;

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
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves records of deleted topics out of their queues, where RocketMQ deleted a topic and made it again and the log alone
 * does not show it: in queues that got no message since. Where one came, storage sees the queue begin again.
 *
 * <p>RocketMQ's own queue files show it: it deletes them with the topic, makes a folder for each queue with its first
 * message, and each entry holds a log offset. A record is left out only if the topic has queue files, every one of these
 * queues still has its very first entry, the record lies below all of them, and its own queue has no folder. Missing or
 * damaged files leave nothing out. Neither does a topic of which RocketMQ left a file behind, for example of a queue that
 * it was flushing while it deleted it: RocketMQ itself brings such a queue's old messages back at its next start.
 *
 * <p>Threading: one thread at a time.
 * <p>Format: {@code consumequeue/TOPIC/QUEUE/FILE}; a file is named by 20 times its first queue offset, in 20 digits; an
 * entry is {@code logOffset 8 | size 4 | tagsCode 8}.
 * <p>Source: the files of a RocketMQ 4.x or 5.x store.
 */
public final class DeletedTopicFilter implements RecordRule {
    private static final Logger LOG = LoggerFactory.getLogger(DeletedTopicFilter.class);

    private static final String FIRST_FILE = "0".repeat(20);
    private static final int MAX_QUEUE_ID = 65_535;

    private final RecordRule next;
    private final Map<String, Incarnation> incarnations;
    private final long lastBeginning;
    private final Set<String> logged = new HashSet<>();

    /** Where a topic's oldest record begins since it was last created, and which of its queues have any. */
    private record Incarnation(long logOffset, BitSet queues) {}

    private DeletedTopicFilter(RecordRule next, Map<String, Incarnation> incarnations) {
        this.next = next;
        this.incarnations = incarnations;
        this.lastBeginning = incarnations.values().stream()
                .mapToLong(Incarnation::logOffset)
                .max()
                .orElse(0);
    }

    /**
     * Reads RocketMQ's queue files.
     *
     * @param folder the folder {@code consumequeue}; it need not exist
     * @param next indexes each record first
     * @return the filter
     * @throws DiskException if the folder cannot be read
     */
    public static DeletedTopicFilter read(Path folder, RecordRule next) {
        Map<String, Incarnation> incarnations = new HashMap<>();
        try {
            for (Path topic : folders(folder)) {
                Incarnation current = incarnation(topic);
                if (current.logOffset > 0) {
                    incarnations.put(String.valueOf(topic.getFileName()), current);
                }
            }
        } catch (IOException e) {
            throw new DiskException(
                    folder + " cannot be read (" + e.getMessage() + "); make it readable, or move it away", false, e);
        }
        return new DeletedTopicFilter(next, incarnations);
    }

    private static List<Path> folders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(folder)) {
            return new ArrayList<>(found.filter(Files::isDirectory).toList());
        }
    }

    private static Incarnation incarnation(Path topic) throws IOException {
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
        return new Incarnation(queues.isEmpty() ? 0 : first, queues);
    }

    /** Log offset of a queue's first message; 0 if it is not known, since nothing lies below 0. */
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
    public void refine(RecordView record, RecordFacts facts) {
        next.refine(record, facts);
        if (record.logOffset() < lastBeginning && isOfDeletedTopic(record)) {
            facts.kind(RecordFacts.UNQUEUED);
        }
    }

    private boolean isOfDeletedTopic(RecordView record) {
        String topic = record.topic();
        Incarnation current = incarnations.get(topic);
        if (current == null || record.logOffset() >= current.logOffset || current.queues.get(record.queueId())) {
            return false;
        }
        if (logged.add(topic + '/' + record.queueId())) {
            LOG.warn(
                    "queue-left-out topic={} queueId={} below={} cause=\"the topic was deleted and made again\"",
                    topic,
                    record.queueId(),
                    current.logOffset);
        }
        return true;
    }
}
