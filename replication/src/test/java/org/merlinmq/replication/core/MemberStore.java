package org.merlinmq.replication.core;

import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.merlinmq.storage.log.EpochTable.Epoch;

/** What a member of a simulated group keeps: a log of records that each have an id, and the table of its epochs. */
interface MemberStore {
    List<Epoch> epochs();

    long begin();

    /** Where the last whole record ends. */
    long end();

    long flushed();

    /** Appends a record; returns where it begins. */
    long append(long id);

    void flush();

    /** Published bytes; null if they are deleted. */
    byte @Nullable [] read(long from, int count);

    /** The id of the record that begins there; -1 if none does, 0 if it is deleted. */
    long idAt(long logOffset);

    void startFollowing();

    void receive(long logOffset, byte[] bytes);

    void stopFollowing();

    /** Returns false if the log cannot be cut there. */
    boolean cutBack(long logOffset);

    void adopt(List<Epoch> epochs);

    void begin(int epoch);

    /** Deletes records below some offset at or below the given one. */
    void deleteBelow(long logOffset);

    /** What all records that ever were in the log have come to. */
    long state();

    /** What a copy begins with, for {@link #copyOf}. */
    byte[] copyStart();

    MemberStore empty();

    MemberStore copyOf(long begin, byte[] copyStart);

    /** The store after a crash. */
    MemberStore crash(boolean power, RandomGenerator random);
}
