package org.merlinmq.broker.topic;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Topics by the bytes of their name: found without a string, an allocation or a lock.
 *
 * <p>An open-addressed table whose hashes lie side by side, apart from the topics. With thousands of topics each object
 * on the way to a topic costs a miss of the cache; here there is none, and the hashes of the others are passed without a
 * look at their topics.
 *
 * <p>A slot is filled once: first its name and topic, then its hash. A removed topic leaves its slot behind, marked, and the
 * table is replaced when too few were never used. So a topic that stays is found by whoever holds any table.
 *
 * <p>Threading: {@link #find} on any thread; changes on one thread at a time.
 */
final class TopicIndex {
    private static final int FIRST_SLOTS = 512;
    private static final int EMPTY = 0;
    private static final int REMOVED = 1;
    private static final VarHandle HASH = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle TOPIC = MethodHandles.arrayElementVarHandle(Topic[].class);

    private volatile Table table = new Table(FIRST_SLOTS);
    private int size;

    /** Slots that are not {@link #EMPTY}: at most half of all. */
    private int used;

    /** A hash, a name and a topic per slot. The name is here too, so that it is fetched together with the topic. */
    private static final class Table {
        final int[] hashes;
        final byte[][] names;
        final @Nullable Topic[] topics;

        Table(int slots) {
            hashes = new int[slots];
            names = new byte[slots][];
            topics = new @Nullable Topic[slots];
        }

        int next(int slot) {
            return (slot + 1) & (hashes.length - 1);
        }

        void put(int hash, Topic topic) {
            int slot = hash & (hashes.length - 1);
            while (hashes[slot] != EMPTY) {
                slot = next(slot);
            }
            names[slot] = topic.nameBytes();
            TOPIC.setRelease(topics, slot, topic);
            HASH.setRelease(hashes, slot, hash);
        }
    }

    /** A topic's hash; never one of the marks. */
    private static int hash(byte[] name, int at, int n) {
        int hash = Bytes.hash(name, at, n);
        return hash == EMPTY || hash == REMOVED ? ~hash : hash;
    }

    @Nullable Topic find(byte[] name, int at, int n) {
        int hash = hash(name, at, n);
        Table now = table;
        for (int slot = hash & (now.hashes.length - 1); ; slot = now.next(slot)) {
            int found = (int) HASH.getAcquire(now.hashes, slot);
            if (found == hash) {
                Topic topic = (Topic) TOPIC.getAcquire(now.topics, slot);
                byte[] own = now.names[slot];
                if (topic != null && own.length == n && Bytes.equals(own, 0, name, at, n)) {
                    return topic;
                }
            } else if (found == EMPTY) {
                return null;
            }
        }
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

    void remove(Topic topic) {
        byte[] name = topic.nameBytes();
        Table now = table;
        int slot = hash(name, 0, name.length) & (now.hashes.length - 1);
        while (now.topics[slot] != topic) {
            assert now.hashes[slot] != EMPTY : topic + " is not there";
            slot = now.next(slot);
        }
        TOPIC.setRelease(now.topics, slot, null);
        HASH.setRelease(now.hashes, slot, REMOVED);
        size--;
    }
}
