package org.merlinmq.replication.core;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a member of a simulated group keeps: a log of records that each have an id, and the table of its epochs. */
interface MemberStore extends GroupLog {
    /** Appends a record; returns where it begins. */
    long append(long id);

    /** Published bytes; null if they are deleted. */
    default byte @Nullable [] read(long from, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining() && from + bytes.position() < end()) {
            if (copy(from + bytes.position(), bytes) <= 0) {
                return null;
            }
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** The id of the record that begins there; -1 if none does, 0 if it is deleted. */
    long idAt(long logOffset);

    /** Deletes records below some offset at or below the given one. */
    void deleteBelow(long logOffset);

    /** What counts for the group: this log, or the one that was set aside for it. */
    default Counting counting() {
        return new Counting(new EpochHistory(epochs(), end()), this::idAt);
    }

    /**
     * A log that counts.
     *
     * @param history its epochs and its end
     * @param ids as {@link #idAt}
     */
    record Counting(EpochHistory history, LongUnaryOperator ids) {}

    /** Whether there is room to set a store aside. */
    default boolean hasRoom() {
        return true;
    }

    /** What all records that ever were in the log have come to. */
    long state();

    /** The store after a crash. */
    MemberStore crash(boolean power, RandomGenerator random);

    /** Loses records at its end, synced or not, and knows that. */
    default void loseRecords(RandomGenerator random) {
        // A real store has tests of its own for that.
    }

    /** A store on another disk. */
    MemberStore fresh();
}
