package org.merlinmq.broker.topic;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.Bytes;
import org.merlinmq.storage.queue.Queue;

/**
 * Topics by the bytes of their name: found without a string, an allocation or a lock.
 *
 * <p>An open-addressed table of columns: hashes, where names are, and what a send must know of its topic. With thousands of
 * topics each object on the way to a queue costs a miss of the cache; here a send that names its queue passes by the topic
 * itself, and by its name, which lie in a few large arrays or not on its way at all.
 *
 * <p>A slot is filled once: first its name and topic, then its hash. A removed topic leaves its slot behind, marked, and the
 * table is replaced when too few were never used. So a topic that stays is found by whoever holds any table.
 *
 * <p>Threading: {@link #find} on any thread; changes on one thread at a time.
 */
final class TopicIndex {
    private static final int FIRST_SLOTS = 512;
    private static final int FIRST_NAME_BYTES = 4096;
    private static final int EMPTY = 0;
    private static final int REMOVED = 1;
    private static final @Nullable Queue[] NO_QUEUES = {};
    private static final VarHandle HASH = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle TOPIC = MethodHandles.arrayElementVarHandle(Topic[].class);
    private static final VarHandle QUEUES = MethodHandles.arrayElementVarHandle(Queue[][].class);

    private volatile Table table = new Table(FIRST_SLOTS);
    private int size;

    /** Slots that are not {@link #EMPTY}: at most half of all. */
    private int used;

    private static final class Table {
        final int[] hashes;

        /** Where a topic's name is in {@link #names}: two bytes that say how long it is, then the name. */
        final int[] nameAt;

        final @Nullable Topic[] topics;

        /** The queues that clients may send to, as {@link Topic#openTo} gives them. */
        final @Nullable Queue[][] queues;

        /** Replaced when it is full; what is in it stays where it is. Published with the hash of the newest name. */
        byte[] names = new byte[FIRST_NAME_BYTES];

        private int nameBytes;

        Table(int slots) {
            hashes = new int[slots];
            nameAt = new int[slots];
            topics = new @Nullable Topic[slots];
            queues = new @Nullable Queue[slots][];
        }

        int next(int slot) {
            return (slot + 1) & (hashes.length - 1);
        }

        void put(int hash, Topic topic) {
            int slot = hash & (hashes.length - 1);
            while (hashes[slot] != EMPTY) {
                slot = next(slot);
            }
            nameAt[slot] = addName(topic.nameBytes());
            open(slot, topic);
            TOPIC.setRelease(topics, slot, topic);
            HASH.setRelease(hashes, slot, hash);
        }

        private int addName(byte[] name) {
            int at = nameBytes;
            int end = at + Short.BYTES + name.length;
            if (end > names.length) {
                names = Arrays.copyOf(names, Math.max(end, names.length * 2));
            }
            Bytes.putShort(names, at, name.length);
            System.arraycopy(name, 0, names, at + Short.BYTES, name.length);
            nameBytes = end;
            return at;
        }

        void open(int slot, Topic topic) {
            QUEUES.setRelease(queues, slot, topic.openTo());
        }

        /** The slot of a topic that is there; -1 if there is none of that name. */
        int find(byte[] name, int at, int n) {
            int hash = hash(name, at, n);
            for (int slot = hash & (hashes.length - 1); ; slot = next(slot)) {
                int found = (int) HASH.getAcquire(hashes, slot);
                if (found == hash) {
                    byte[] own = names;
                    int ownAt = nameAt[slot];
                    if (Bytes.getShort(own, ownAt) == n && Bytes.equals(own, ownAt + Short.BYTES, name, at, n)) {
                        return slot;
                    }
                } else if (found == EMPTY) {
                    return -1;
                }
            }
        }

        int slotOf(Topic topic) {
            byte[] name = topic.nameBytes();
            int slot = hash(name, 0, name.length) & (hashes.length - 1);
            while (topics[slot] != topic) {
                assert hashes[slot] != EMPTY : topic + " is not there";
                slot = next(slot);
            }
            return slot;
        }
    }

    /** A topic's hash; never one of the marks. */
    private static int hash(byte[] name, int at, int n) {
        int hash = Bytes.hash(name, at, n);
        return hash == EMPTY || hash == REMOVED ? ~hash : hash;
    }

    @Nullable Topic find(byte[] name, int at, int n) {
        Table now = table;
        int slot = now.find(name, at, n);
        return slot < 0 ? null : (Topic) TOPIC.getAcquire(now.topics, slot);
    }

    /** A queue that clients may send to, if it was asked for before. */
    @Nullable Queue find(byte[] name, int at, int n, int queueId) {
        Table now = table;
        int slot = now.find(name, at, n);
        if (slot < 0) {
            return null;
        }
        @Nullable Queue[] queues = (Queue[]) QUEUES.getAcquire(now.queues, slot);
        return queueId >= 0 && queueId < queues.length ? Topic.at(queues, queueId) : null;
    }

    /** Adds a topic that is not there. */
    void add(Topic topic) {
        byte[] name = topic.nameBytes();
        assert find(name, 0, name.length) == null : topic + " is there";
        if ((used + 1) * 2 > table.hashes.length) {
            replace();
        }
        table.put(hash(name, 0, name.length), topic);
        size++;
        used++;
    }

    /** Without the marks, and at most a third full: the next time is as many changes away as half the topics. */
    private void replace() {
        Table old = table;
        Table next = new Table(Math.max(FIRST_SLOTS, Integer.highestOneBit(size * 3) * 2));
        for (int slot = 0; slot < old.hashes.length; slot++) {
            Topic topic = old.topics[slot];
            if (topic != null) {
                next.put(old.hashes[slot], topic);
            }
        }
        used = size;
        table = next;
    }

    /** Takes over which of a topic's queues clients may send to, after its configuration has changed. */
    void changed(Topic topic) {
        table.open(table.slotOf(topic), topic);
    }

    void remove(Topic topic) {
        Table now = table;
        int slot = now.slotOf(topic);
        TOPIC.setRelease(now.topics, slot, null);
        QUEUES.setRelease(now.queues, slot, NO_QUEUES);
        HASH.setRelease(now.hashes, slot, REMOVED);
        size--;
    }
}
