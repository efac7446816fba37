package org.merlinmq.broker.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A hierarchical timing wheel: six levels of 256 slots, the lowest one millisecond wide.
 *
 * <p>An entry lies on the level of the highest byte in which its due time differs from the wheel's own time. So the
 * next thing to do is always in the lowest level that holds anything, adding and removing are a few links, and an
 * entry moves down at most five times in its life. Nothing ticks: an empty stretch of time is skipped by its bitmap.
 *
 * <p>Threading: none of its own; {@link Deadlines} calls it under its lock.
 */
final class Wheel {
    private static final int LEVELS = 6;
    private static final int SLOT_BITS = 8;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final int WORDS = SLOTS / Long.SIZE;
    private static final long MAX_MILLIS = (1L << (LEVELS * SLOT_BITS)) - 1;

    /** No entry is armed. */
    static final long NEVER = Long.MAX_VALUE;

    /** A place on the wheel; a member of one slot's ring while it is armed. */
    static final class Node {
        @Nullable Node before;

        @Nullable Node after;

        long dueMillis;
        int slot = -1;
        final Deadlines.@Nullable Entry entry;

        Node(Deadlines.@Nullable Entry entry) {
            this.entry = entry;
        }
    }

    private final Node[] rings = new Node[LEVELS * SLOTS];
    private final long[] occupied = new long[LEVELS * WORDS];
    private long nowMillis;

    Wheel(long nowMillis) {
        this.nowMillis = nowMillis;
        for (int i = 0; i < rings.length; i++) {
            Node ring = new Node(null);
            ring.before = ring;
            ring.after = ring;
            rings[i] = ring;
        }
    }

    /** Puts an entry that is not on the wheel; a time that has passed means the next millisecond. */
    void add(Node node, long dueMillis) {
        assert node.slot < 0 : "armed twice";
        node.dueMillis = Math.min(dueMillis, MAX_MILLIS);
        long place = Math.max(node.dueMillis, nowMillis + 1);
        int level = (Long.SIZE - 1 - Long.numberOfLeadingZeros(place ^ nowMillis)) / SLOT_BITS;
        int slot = level * SLOTS + slotOf(place, level);
        Node ring = rings[slot];
        Node last = linked(ring.before);
        node.before = last;
        node.after = ring;
        last.after = node;
        ring.before = node;
        node.slot = slot;
        occupied[slot / Long.SIZE] |= 1L << slot;
    }

    /** Takes an entry off the wheel; false if it was not on it. */
    boolean remove(Node node) {
        if (node.slot < 0) {
            return false;
        }
        Node before = linked(node.before);
        Node after = linked(node.after);
        before.after = after;
        after.before = before;
        if (before == after) {
            occupied[node.slot / Long.SIZE] &= ~(1L << node.slot);
        }
        node.slot = -1;
        return true;
    }

    /** When {@link #advance} next has work: a due time, or the start of a slot whose entries move down a level. */
    long nextMillis() {
        for (int level = 0; level < LEVELS; level++) {
            int current = slotOf(nowMillis, level);
            int slot = nextOccupied(level, current + 1);
            if (slot >= 0) {
                int shift = level * SLOT_BITS;
                long above = (nowMillis >>> (shift + SLOT_BITS)) << (shift + SLOT_BITS);
                return above | ((long) slot << shift);
            }
        }
        return NEVER;
    }

    /**
     * Moves the wheel's time on and takes off all entries that are due by then, in the order of their times. If the clock was
     * set back, they are due as the clock tells it now.
     */
    void advance(long toMillis, List<Deadlines.Entry> due) {
        if (toMillis < nowMillis) {
            setBack(toMillis);
        }
        for (long next = nextMillis(); next <= toMillis; next = nextMillis()) {
            nowMillis = next;
            for (int level = 0; level < LEVELS; level++) {
                if (level > 0 && next << (Long.SIZE - level * SLOT_BITS) != 0) {
                    break;
                }
                empty(level * SLOTS + slotOf(next, level), due);
            }
        }
        nowMillis = Math.max(nowMillis, toMillis);
    }

    private void setBack(long toMillis) {
        List<Node> armed = new ArrayList<>();
        for (Node ring : rings) {
            for (Node node = linked(ring.after); node != ring; node = linked(ring.after)) {
                remove(node);
                armed.add(node);
            }
        }
        // One millisecond more, so that what was due before comes with this call.
        nowMillis = toMillis - 1;
        armed.forEach(node -> add(node, node.dueMillis));
    }

    private void empty(int slot, List<Deadlines.Entry> due) {
        Node ring = rings[slot];
        for (Node node = linked(ring.after); node != ring; node = linked(ring.after)) {
            remove(node);
            if (node.dueMillis > nowMillis) {
                add(node, node.dueMillis);
            } else if (node.entry != null) {
                due.add(node.entry);
            }
        }
    }

    private int nextOccupied(int level, int from) {
        for (int at = from; at < SLOTS; at = (at / Long.SIZE + 1) * Long.SIZE) {
            long word = occupied[level * WORDS + at / Long.SIZE] >>> at % Long.SIZE;
            if (word != 0) {
                return at + Long.numberOfTrailingZeros(word);
            }
        }
        return -1;
    }

    private static int slotOf(long millis, int level) {
        return (int) (millis >>> (level * SLOT_BITS)) & (SLOTS - 1);
    }

    private static Node linked(@Nullable Node node) {
        return Objects.requireNonNull(node, "a node outside every ring");
    }
}
