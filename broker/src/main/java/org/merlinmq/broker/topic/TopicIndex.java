package org.merlinmq.broker.topic;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.bytes.Bytes;

/**
 * Topics by the bytes of their name: found without a string, an allocation or a lock.
 *
 * <p>A hash table of chains whose links never change: adding puts a new link in front, removing makes the chain anew,
 * growing makes all chains anew. So a reader that holds any link sees a whole chain.
 *
 * <p>Threading: {@link #find} on any thread; changes on one thread at a time.
 */
final class TopicIndex {
    private static final int FIRST_CHAINS = 256;

    private volatile AtomicReferenceArray<@Nullable Link> chains = new AtomicReferenceArray<>(FIRST_CHAINS);
    private int size;

    private record Link(int hash, Topic topic, @Nullable Link next) {}

    @Nullable Topic find(byte[] name, int at, int n) {
        int hash = Bytes.hash(name, at, n);
        AtomicReferenceArray<@Nullable Link> table = chains;
        for (Link link = table.get(hash & (table.length() - 1)); link != null; link = link.next) {
            if (link.hash == hash) {
                byte[] own = link.topic.nameBytes();
                if (own.length == n && Bytes.equals(own, 0, name, at, n)) {
                    return link.topic;
                }
            }
        }
        return null;
    }

    /** Adds a topic that is not there. */
    void add(Topic topic) {
        byte[] name = topic.nameBytes();
        assert find(name, 0, name.length) == null : topic + " is there";
        if (size >= chains.length()) {
            grow();
        }
        put(chains, Bytes.hash(name, 0, name.length), topic);
        size++;
    }

    private static void put(AtomicReferenceArray<@Nullable Link> table, int hash, Topic topic) {
        int chain = hash & (table.length() - 1);
        table.set(chain, new Link(hash, topic, table.get(chain)));
    }

    private void grow() {
        AtomicReferenceArray<@Nullable Link> old = chains;
        AtomicReferenceArray<@Nullable Link> more = new AtomicReferenceArray<>(old.length() * 2);
        for (int i = 0; i < old.length(); i++) {
            for (Link link = old.get(i); link != null; link = link.next) {
                put(more, link.hash, link.topic);
            }
        }
        chains = more;
    }

    void remove(Topic topic) {
        byte[] name = topic.nameBytes();
        AtomicReferenceArray<@Nullable Link> table = chains;
        int chain = Bytes.hash(name, 0, name.length) & (table.length() - 1);
        Link kept = null;
        for (Link link = table.get(chain); link != null; link = link.next) {
            if (link.topic != topic) {
                kept = new Link(link.hash, link.topic, kept);
            }
        }
        table.set(chain, kept);
        size--;
    }
}
