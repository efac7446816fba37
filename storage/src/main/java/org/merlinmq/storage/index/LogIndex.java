package org.merlinmq.storage.index;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Something that is derived from the records of the log and can be made again from them: a log-structured table whose
 * write-ahead log is the commit log. The package describes its life.
 *
 * <p>Threading: {@link #apply} and {@link #takeWaiters} under the append lock; {@link #recover}, {@link #start} and the
 * first {@link #mend} on the thread that opens the store; all else on the thread {@code store-tail}, without the append
 * lock.
 *
 * <p>Errors: what is damaged in its files is reported and missing until {@link #mend}; it is never answered wrongly.
 */
public interface LogIndex extends AutoCloseable {
    /** What the index is called in checkpoints: a word of at most 255 bytes, unique in the store; never changed. */
    String name();

    /** The version, from 1, of what {@link #progress} writes; raised when an older program could not read it. */
    int version();

    /**
     * Goes on from the last checkpoint. Called first of all, once.
     *
     * @param last what the checkpoint has of this index; {@link RecoveryPoint#isNone()} if there is nothing
     * @return where the records begin that it lacks: {@link #apply} gets all of them from there on, and none below. Never
     *     above {@code last.upToLogOffset()} but for records that its files hold for sure
     * @throws IllegalArgumentException if it cannot read what the checkpoint has; it is then called again with nothing
     */
    long recover(RecoveryPoint last);

    /**
     * Makes damaged files again from the log. Called once after {@link #recover}, before anything is applied, and again
     * whenever damage was reported.
     *
     * @param log reads records again
     * @return whether there was any damage
     * @throws org.merlinmq.storage.run.DamagedRunException if a file that this needs turns out to be damaged as well: called
     *     again soon, it works without
     */
    default boolean mend(LogReplay log) {
        return false;
    }

    /** Called once when all files are whole, before anything is applied. */
    default void start() {}

    /** Called once when all that the log has was applied, under the append lock, before anything is appended. */
    default void recovered() {}

    /**
     * Hears of records that were given their places in the log, before any that is placed behind them. They are published
     * later, if they can be written. Called for changes of state alone. Must be as quick as {@link #apply}.
     *
     * @param records have their log offsets and their queue offsets; valid only during the call
     */
    default void placed(PublishedRecords records) {}

    /**
     * Takes records that are published or, when the store is opened, found in the log; in log order, each once. Must be
     * quick, must not touch a file and must not call back.
     *
     * @param records all of them are stored, numbered and whole; valid only during the call
     */
    void apply(PublishedRecords records);

    /**
     * Hands over who waits for what was just applied, to be woken when the append lock is released. A full fence lies
     * between {@link #apply} and this.
     *
     * @param records what was applied
     * @param chain who is woken for other reasons
     * @return the chain, with those of this index in front
     */
    default @Nullable Wakeup takeWaiters(PublishedRecords records, @Nullable Wakeup chain) {
        return chain;
    }

    /**
     * What is in memory because no file has it yet: a sign to make a checkpoint.
     *
     * @return entries of about 16 to 24 bytes
     */
    long tailEntries();

    /**
     * Forgets what points to records that are about to be deleted.
     *
     * @param minLogOffset where the log begins from now on
     */
    void retain(long minLogOffset);

    /**
     * Brings to durable files what belongs to the log below an offset. More may have been applied; it must not be in them.
     *
     * @param upToLogOffset all below is published and durable
     * @throws org.merlinmq.storage.run.DamagedRunException if a damaged file is in the way; nothing is lost
     */
    void flush(long upToLogOffset);

    /**
     * What the checkpoint has to hold for {@link #recover}, right after {@link #flush}: which files, and how far it is.
     *
     * @return any bytes
     */
    byte[] progress();

    /** Deletes files that are used no more. The checkpoint that does not name them is durable. */
    default void deleteRetired() {}

    /** Closes the files. What is not flushed is in the log. */
    @Override
    void close();

    /**
     * What a checkpoint has of one index.
     *
     * @param upToLogOffset where the checkpoint was: all records below are in files; 0 if there is none
     * @param minLogOffset where the log begins
     * @param endOfFiles where the segments end; the last record ends there or before
     * @param version of the progress; 0 if there is none
     * @param progress as {@link #progress} wrote it
     */
    record RecoveryPoint(long upToLogOffset, long minLogOffset, long endOfFiles, int version, ByteBuffer progress) {
        /**
         * Nothing is known of an index: it has to be made from the log.
         *
         * @param minLogOffset where the log begins
         * @param endOfFiles where its segments end
         * @return the point
         */
        public static RecoveryPoint none(long minLogOffset, long endOfFiles) {
            return new RecoveryPoint(0, minLogOffset, endOfFiles, 0, ByteBuffer.allocate(0));
        }

        /** The progress, from its beginning: a buffer of the caller's own. */
        @Override
        public ByteBuffer progress() {
            return progress.duplicate();
        }

        /** Whether nothing is known. */
        public boolean isNone() {
            return version == 0;
        }

        /**
         * Sees that the progress is of the version that the index reads.
         *
         * @param expected the version
         * @throws IllegalArgumentException if it is another one
         */
        public void expectVersion(int expected) {
            if (version != expected) {
                throw new IllegalArgumentException("expected version " + expected + ", found " + version);
            }
        }
    }
}
