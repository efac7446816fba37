package org.merlinmq.broker.offset;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.broker.group.NameTable;
import org.merlinmq.broker.state.Journal;
import org.merlinmq.broker.state.StateTypes;
import org.merlinmq.broker.stats.ThroughputStats;
import org.merlinmq.protocol.bytes.ByteWriter;
import org.merlinmq.storage.state.StateChange;

/**
 * The committed offsets of all groups.
 *
 * <p>A commit changes memory and notes what changed; {@link #flush} writes all changes in one record, at most once a
 * second and only if there are any. A crash may so lose the last second of commits: consumers get those messages
 * again.
 *
 * <p>Threading: any thread. Look-ups take no lock and make no garbage. What is written is written under this
 * object's monitor, together with the change.
 */
public final class OffsetTable {
    private static final int MAX_FORMER_READERS = 10_000;

    private final Journal journal;
    private final ThroughputStats throughput;
    private final Runnable flushSoon;
    private final NameTable<NameTable<ConsumeProgress>> groups = new NameTable<>();
    private final Queue<ConsumeProgress> changed = new ConcurrentLinkedQueue<>();
    private volatile long flushes;

    /**
     * Who read topics that were deleted, and how many queues of them: its clients go on with offsets of queues that are
     * gone. The oldest is forgotten first.
     */
    private final Map<Reader, Integer> formerReaders = Collections.synchronizedMap(new LinkedHashMap<>());

    /** Former readers that have begun with a topic again since the last flush. */
    private final Queue<Reader> beginners = new ConcurrentLinkedQueue<>();

    private record Reader(String group, String topic) {
        byte[] key() {
            return StateTypes.key(group, topic);
        }
    }

    /**
     * An empty table.
     *
     * @param journal where changes are written
     * @param throughput makes the meters of what groups consume
     * @param flushSoon asks for a call of {@link #flush} within a second; called often, on any thread, must be cheap
     */
    public OffsetTable(Journal journal, ThroughputStats throughput, Runnable flushSoon) {
        this.journal = journal;
        this.throughput = throughput;
        this.flushSoon = flushSoon;
    }

    /**
     * A group's reading of a topic, by the bytes of both names.
     *
     * @param group where the group's name stands
     * @param groupAt its first byte
     * @param groupBytes its length
     * @param topic where the topic's name stands
     * @param topicAt its first byte
     * @param topicBytes its length
     * @return null if the group has no offset in this topic
     */
    public @Nullable ConsumeProgress find(
            byte[] group, int groupAt, int groupBytes, byte[] topic, int topicAt, int topicBytes) {
        NameTable<ConsumeProgress> topics = groups.find(group, groupAt, groupBytes);
        return topics == null ? null : topics.find(topic, topicAt, topicBytes);
    }

    /**
     * A group's reading of a topic.
     *
     * @param group the group
     * @param topic the topic
     * @return null if the group has no offset in this topic
     */
    public @Nullable ConsumeProgress find(String group, String topic) {
        NameTable<ConsumeProgress> topics = groups.find(group);
        return topics == null ? null : topics.find(topic);
    }

    /**
     * A group's reading of a topic, begun if it has none yet. For groups and topics that exist only.
     *
     * @param group the group
     * @param topic the topic
     * @return the place of its offsets
     */
    public ConsumeProgress findOrAdd(String group, String topic) {
        return groups.findOrAdd(group, name -> new NameTable<>()).findOrAdd(topic, name -> begin(group, topic));
    }

    /** A group that read a topic which was deleted begins the one made again at its beginning, whatever its clients ask. */
    private ConsumeProgress begin(String group, String topic) {
        ConsumeProgress begun = progress(group, topic);
        Reader reader = new Reader(group, topic);
        Integer queues = formerReaders.remove(reader);
        if (queues != null) {
            for (int queueId = 0; queueId < queues; queueId++) {
                begun.setReset(queueId, 0);
            }
            beginners.add(reader);
            flushSoon.run();
        }
        return begun;
    }

    private ConsumeProgress progress(String group, String topic) {
        return new ConsumeProgress(group, topic, throughput.counter(), this::changed);
    }

    /**
     * All topics that a group has read.
     *
     * @param group the group
     * @return one entry per topic; empty for an unknown group
     */
    public Collection<ConsumeProgress> ofGroup(String group) {
        NameTable<ConsumeProgress> topics = groups.find(group);
        return topics == null ? List.of() : topics.values();
    }

    /**
     * All groups that have read a topic.
     *
     * @param topic the topic
     * @return one entry per group
     */
    public List<ConsumeProgress> ofTopic(String topic) {
        List<ConsumeProgress> found = new ArrayList<>();
        for (NameTable<ConsumeProgress> topics : groups.values()) {
            ConsumeProgress one = topics.find(topic);
            if (one != null) {
                found.add(one);
            }
        }
        return found;
    }

    /**
     * Everything.
     *
     * @param each is given each group's reading of each topic
     */
    public void forEach(Consumer<ConsumeProgress> each) {
        groups.values().forEach(topics -> topics.values().forEach(each));
    }

    /**
     * The committed offset of a queue.
     *
     * @param group the group
     * @param topic the topic
     * @param queueId the queue
     * @return the next message to consume, or {@link ConsumeProgress#NONE}
     */
    public long committed(String group, String topic, int queueId) {
        ConsumeProgress of = find(group, topic);
        return of == null ? ConsumeProgress.NONE : of.committed(queueId);
    }

    /**
     * Stores how far a group that exists has consumed a queue of a topic that exists.
     *
     * @param group the group
     * @param topic the topic
     * @param queueId the queue
     * @param queueOffset the next message to consume
     * @return see {@link ConsumeProgress#commit}
     */
    public boolean commit(String group, String topic, int queueId, long queueOffset) {
        return findOrAdd(group, topic).commit(queueId, queueOffset);
    }

    /**
     * Makes a group start a queue again from an offset: committed at once, answered to the next pull, durable on return.
     *
     * @param group the group
     * @param topic the topic
     * @param queueId the queue
     * @param queueOffset the offset to start again from
     */
    public void reset(String group, String topic, int queueId, long queueOffset) {
        findOrAdd(group, topic).startAgain(queueId, queueOffset);
        flush();
    }

    /**
     * Forgets a group's offsets, in the change that removes the group.
     *
     * @param group the group
     * @param change what else is removed with them; the offsets are added to it, and it is appended
     * @return the log offset behind the change
     */
    public synchronized long removeGroup(String group, StateChange change) {
        ofGroup(group).forEach(of -> OffsetEntries.remove(of, change));
        long end = change.isEmpty() ? 0 : journal.append(change);
        forgetGroup(group);
        return end;
    }

    /**
     * Forgets all groups' offsets in a topic, in the change that deletes it; that they read it is kept.
     *
     * @param topic the topic
     * @param change what else is removed with them; the offsets are added to it, and it is appended
     */
    public synchronized void removeTopic(String topic, StateChange change) {
        Map<Reader, Integer> readers = new LinkedHashMap<>();
        for (ConsumeProgress of : ofTopic(topic)) {
            OffsetEntries.remove(of, change);
            readers.put(new Reader(of.group(), topic), of.queuesRead());
        }
        List<Reader> forgotten = oldestBeyond(MAX_FORMER_READERS - readers.size());
        forgotten.forEach(reader -> change.remove(StateTypes.FORMER_READER, reader.key()));
        readers.forEach((reader, queues) -> change.put(
                StateTypes.FORMER_READER,
                reader.key(),
                new ByteWriter(Integer.BYTES).putInt(queues).toByteArray()));
        journal.append(change);
        forgotten.forEach(formerReaders::remove);
        formerReaders.putAll(readers);
        forgetTopic(topic);
    }

    private List<Reader> oldestBeyond(int most) {
        synchronized (formerReaders) {
            return formerReaders.keySet().stream()
                    .limit(Math.max(0, formerReaders.size() - most))
                    .toList();
        }
    }

    private void forgetGroup(String group) {
        NameTable<ConsumeProgress> removed = groups.remove(group);
        if (removed != null) {
            removed.values().forEach(of -> throughput.forget(of.consumed()));
        }
    }

    private void forgetTopic(String topic) {
        for (NameTable<ConsumeProgress> topics : groups.values()) {
            ConsumeProgress removed = topics.remove(topic);
            if (removed != null) {
                throughput.forget(removed.consumed());
            }
        }
    }

    private void changed(ConsumeProgress of) {
        changed.add(of);
        flushSoon.run();
    }

    /**
     * Writes what changed since the last call; nothing if nothing did. To be called once more on close.
     *
     * <p>Errors: what the journal does not take, as on a full disk, counts as changed still: the exception goes to the
     * caller, and {@code flushSoon} is asked for another call.
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time
    public synchronized void flush() {
        OffsetEntries entries = new OffsetEntries(journal);
        List<ConsumeProgress> taken = new ArrayList<>();
        List<Reader> begun = new ArrayList<>();
        boolean whole = false;
        try {
            begin(entries, taken, begun);
            for (ConsumeProgress of = changed.poll(); of != null; of = changed.poll()) {
                if (find(of.group(), of.topic()) == of) {
                    taken.add(of);
                    of.collectChanged(entries);
                }
            }
            if (entries.write()) {
                flushes++;
            }
            whole = true;
        } finally {
            if (!whole) {
                taken.forEach(ConsumeProgress::journalAgain);
                beginners.addAll(begun);
            }
        }
    }

    /**
     * What was committed here beyond what the journal says, at a follower: its journal is its leader's. {@link #flush} would
     * write it.
     *
     * @return the queues, each with the next message to consume; not those that a reset waits for
     */
    public synchronized List<OffsetJson.Entry> aheadOfJournal() {
        List<OffsetJson.Entry> ahead = new ArrayList<>();
        List<ConsumeProgress> unequal = new ArrayList<>();
        for (ConsumeProgress of = changed.poll(); of != null; of = changed.poll()) {
            String group = of.group();
            String topic = of.topic();
            if (find(group, topic) == of
                    && !of.settle((queueId, queueOffset) ->
                            ahead.add(new OffsetJson.Entry(group, topic, queueId, queueOffset)))) {
                unequal.add(of);
            }
        }
        changed.addAll(unequal);
        return ahead;
    }

    /** In one change: that they start again, and that this is known. */
    private void begin(OffsetEntries entries, List<ConsumeProgress> taken, List<Reader> begun) {
        for (Reader reader = beginners.poll(); reader != null; reader = beginners.poll()) {
            begun.add(reader);
            ConsumeProgress of = find(reader.group(), reader.topic());
            // Without it the topic is gone again, or this reading of it is about to come: after a crash it begins
            // again.
            if (of != null) {
                taken.add(of);
                of.collectChanged(entries);
                entries.remove(StateTypes.FORMER_READER, reader.key());
            }
        }
    }

    /** How often changes were written: a number that grows, the version of the table. */
    public long flushes() {
        return flushes;
    }

    /**
     * Takes one entry of the state, when the broker starts and on a slave.
     *
     * @param type its type; those of other tables are passed over
     * @param key its key
     * @param value its value; null if it was removed
     */
    public synchronized void apply(int type, byte[] key, byte @Nullable [] value) {
        if (type != StateTypes.OFFSETS && type != StateTypes.RESETS && type != StateTypes.FORMER_READER) {
            return;
        }
        ByteBuffer in = ByteBuffer.wrap(key);
        String group = StateTypes.name(in);
        String topic = StateTypes.name(in);
        if (type == StateTypes.FORMER_READER) {
            applyFormerReader(new Reader(group, topic), value);
            return;
        }
        int block = Short.toUnsignedInt(in.getShort());
        ConsumeProgress of =
                groups.findOrAdd(group, name -> new NameTable<>()).findOrAdd(topic, name -> progress(group, topic));
        OffsetEntries.read(block, value, type == StateTypes.OFFSETS ? of::replayed : of::replayedReset);
        if (value == null && of.isEmpty()) {
            forget(group, topic);
        }
    }

    private void applyFormerReader(Reader reader, byte @Nullable [] value) {
        if (value == null) {
            formerReaders.remove(reader);
        } else {
            formerReaders.put(reader, ByteBuffer.wrap(value).getInt());
        }
    }

    private void forget(String group, String topic) {
        NameTable<ConsumeProgress> topics = groups.find(group);
        if (topics == null) {
            return;
        }
        ConsumeProgress removed = topics.remove(topic);
        if (removed != null) {
            throughput.forget(removed.consumed());
        }
        if (topics.size() == 0) {
            groups.remove(group);
        }
    }
}
