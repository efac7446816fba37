package org.merlinmq.storage.queue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Topics by their name, given as text or as UTF-8 bytes in the middle of a frame.
 *
 * <p>An open-addressed table that is replaced when it is half full: readers take no lock and allocate
 * nothing.
 *
 * <p>Threading: {@code find} and {@code forEach} on any thread, changes under the table's lock.
 */
final class TopicMap {

    private static final int FIRST_SLOTS = 64;

    private volatile AtomicReferenceArray<@Nullable TopicQueues> slots = new AtomicReferenceArray<>(FIRST_SLOTS);
    /** In the slot of a topic that is gone; no name is found there. */
    private static final TopicQueues GONE = new TopicQueues("", new byte[] {0}, 0);

    private int count;

    /** Slots that are not empty. */
    private int used;

    @Nullable TopicQueues find(byte[] bytes, int at, int length) {
        AtomicReferenceArray<@Nullable TopicQueues> now = slots;
        int mask = now.length() - 1;
        int hash = hash(bytes, at, length);
        for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
            TopicQueues topic = now.get(slot);
            if (topic == null) {
                return null;
            }
            if (topic.hash == hash && Arrays.equals(topic.bytes, 0, topic.bytes.length, bytes, at, at + length)) {
                return topic;
            }
        }
    }

    @Nullable TopicQueues find(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return find(bytes, 0, bytes.length);
    }

    TopicQueues add(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        TopicQueues topic = new TopicQueues(name, bytes, hash(bytes, 0, bytes.length));
        count++;
        if (++used * 2 > slots.length()) {
            replace(count * 2 > slots.length() / 2 ? slots.length() * 2 : slots.length());
        }
        put(slots, topic);
        return topic;
    }

    /** Its slot stays used until the table is replaced, so that those behind it are found. */
    void remove(TopicQueues topic) {
        int mask = slots.length() - 1;
        int slot = topic.hash & mask;
        while (slots.get(slot) != topic) {
            slot = (slot + 1) & mask;
        }
        slots.set(slot, GONE);
        count--;
    }

    private void replace(int length) {
        AtomicReferenceArray<@Nullable TopicQueues> more = new AtomicReferenceArray<>(length);
        forEach(topic -> put(more, topic));
        used = count;
        slots = more;
    }

    private static void put(AtomicReferenceArray<@Nullable TopicQueues> slots, TopicQueues topic) {
        int mask = slots.length() - 1;
        int slot = topic.hash & mask;
        while (slots.get(slot) != null) {
            slot = (slot + 1) & mask;
        }
        slots.set(slot, topic);
    }

    void forEach(Consumer<TopicQueues> each) {
        AtomicReferenceArray<@Nullable TopicQueues> now = slots;
        for (int i = 0; i < now.length(); i++) {
            TopicQueues topic = now.get(i);
            if (topic != null && topic != GONE) {
                each.accept(topic);
            }
        }
    }

    private static int hash(byte[] bytes, int at, int length) {
        int hash = length;
        for (int i = at; i < at + length; i++) {
            hash = hash * 31 + bytes[i];
        }
        hash *= 0x9E37_79B1;
        return hash ^ (hash >>> 15);
    }
}
