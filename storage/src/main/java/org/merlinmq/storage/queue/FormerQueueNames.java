package org.merlinmq.storage.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.storage.state.FormerStateLog;

/**
 * Reads the journal in which version 0.1.0 kept the queue table.
 *
 * <pre>
 * CREATE  handle 4 | queueId 4 | topic in UTF-8      a queue
 * DELETE  logOffset 8 | topic in UTF-8               all queues of a topic, and its records below the offset
 * NEXT    handle 4 | queueOffset 8                   where a queue goes on whose entries are all gone
 * HANDLES handle 4                                   the lowest handle never used
 * AGAIN   handle 4 | queueId 4 | logOffset 8 | topic a queue in place of a former one, whose records lie below
 * </pre>
 */
final class FormerQueueNames {
    private static final int CREATE = 1;
    private static final int DELETE = 2;
    private static final int NEXT = 3;
    private static final int HANDLES = 4;
    private static final int AGAIN = 5;

    private static final class Name {
        final String topic;
        final int queueId;
        final int handle;
        final long bornAt;
        long next;

        Name(String topic, int queueId, int handle, long bornAt) {
            this.topic = topic;
            this.queueId = queueId;
            this.handle = handle;
            this.bornAt = bornAt;
        }
    }

    private final QueueTableSnapshot.Reader into;
    private final List<@Nullable Name> byHandle = new ArrayList<>();
    private final Map<String, Map<Integer, Name>> topics = new HashMap<>();

    private FormerQueueNames(QueueTableSnapshot.Reader into) {
        this.into = into;
    }

    static void read(FormerStateLog log, QueueTableSnapshot.Reader into) {
        FormerQueueNames names = new FormerQueueNames(into);
        log.replay(names::apply);
        names.topics
                .values()
                .forEach(queues -> queues.values()
                        .forEach(name -> into.queue(name.topic, name.queueId, name.handle, name.bornAt, name.next)));
    }

    private void apply(int type, byte[] record) {
        ByteBuffer in = ByteBuffer.wrap(record);
        switch (type) {
            case CREATE -> {
                int handle = in.getInt();
                add(new Name(text(record, 8), in.getInt(), handle, 0));
            }
            case AGAIN -> {
                int handle = in.getInt();
                int queueId = in.getInt();
                add(new Name(text(record, 16), queueId, handle, in.getLong()));
            }
            case DELETE -> {
                String topic = text(record, 8);
                topics.remove(topic);
                into.end(topic, in.getLong());
            }
            case NEXT -> {
                int handle = in.getInt();
                Name name = handle < byHandle.size() ? byHandle.get(handle) : null;
                if (name != null) {
                    name.next = Math.max(name.next, in.getLong());
                }
            }
            case HANDLES -> into.handles(in.getInt());
            default ->
                throw new DiskException(
                        "the queue table of version 0.1.0 has a record of type " + type
                                + ", which that version did not write; start the version of MerlinMQ that wrote it",
                        false,
                        null);
        }
    }

    private void add(Name name) {
        while (byHandle.size() <= name.handle) {
            byHandle.add(null);
        }
        byHandle.set(name.handle, name);
        topics.computeIfAbsent(name.topic, topic -> new HashMap<>()).put(name.queueId, name);
    }

    private static String text(byte[] record, int from) {
        return new String(record, from, record.length - from, StandardCharsets.UTF_8);
    }
}
