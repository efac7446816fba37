package org.merlinmq.storage;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.platform.disk.DiskException;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.index.KeyIndex;
import org.merlinmq.storage.index.LogIndex;
import org.merlinmq.storage.index.LogIndex.RecoveryPoint;
import org.merlinmq.storage.index.LogReplay;
import org.merlinmq.storage.index.PublishedRecords;
import org.merlinmq.storage.log.LogOpening;
import org.merlinmq.storage.log.RecordVisitor;
import org.merlinmq.storage.queue.QueueTable;
import org.merlinmq.storage.state.StateIndex;
import org.merlinmq.storage.timer.TimerIndex;
import org.merlinmq.storage.transaction.TransactionIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The indexes of a store. All that differs from one to the next is behind {@link LogIndex}; this is the one list of them.
 *
 * <p>Threading: as {@link LogIndex} says.
 */
final class Indexes implements AutoCloseable {
    /** Timers held in memory because they are due soon: 24 bytes each. */
    private static final int MAX_NEAR_TIMERS = 100_000;

    private static final Logger LOG = LoggerFactory.getLogger(Indexes.class);

    private final QueueTable queues;
    private final StateIndex state;
    private final @Nullable KeyIndex keys;
    private final TransactionIndex transactions;
    private final TimerIndex timers;
    private final LogIndex[] all;

    /** Where the records begin that each of them lacks. */
    private final long[] lacksFrom;

    private Indexes(
            QueueTable queues,
            StateIndex state,
            @Nullable KeyIndex keys,
            TransactionIndex transactions,
            TimerIndex timers) {
        this.queues = queues;
        this.state = state;
        this.keys = keys;
        this.transactions = transactions;
        this.timers = timers;
        // Queues first: who pulls is served sooner.
        all = Stream.of(queues, state, keys, transactions, timers)
                .filter(each -> each != null)
                .toArray(LogIndex[]::new);
        lacksFrom = new long[all.length];
    }

    static Indexes open(Disk disk, Path folder, ReentrantLock appendLock, boolean withKeys, Consumer<Damage> damages) {
        return new Indexes(
                QueueTable.open(disk, folder, appendLock, damages),
                StateIndex.open(disk, folder, damages),
                withKeys ? KeyIndex.open(disk, folder, appendLock, damages) : null,
                TransactionIndex.open(disk, folder, damages),
                TimerIndex.open(disk, folder, MAX_NEAR_TIMERS, damages));
    }

    /** The order of messages in each queue. */
    QueueTable queues() {
        return queues;
    }

    /** The broker's own tables. */
    StateIndex state() {
        return state;
    }

    /** Messages by key; null if keys are not indexed. */
    @Nullable KeyIndex keys() {
        return keys;
    }

    /** Half messages that are not decided. */
    TransactionIndex transactions() {
        return transactions;
    }

    /** Messages that are due later. */
    TimerIndex timers() {
        return timers;
    }

    /** All of them, in the order in which they take records. Not to be changed. */
    LogIndex[] all() {
        return all;
    }

    /** Goes on from a checkpoint; returns where the records begin that have to be read. */
    long recover(Checkpoint last, LogOpening log) {
        long from = last.upToLogOffset();
        for (int i = 0; i < all.length; i++) {
            lacksFrom[i] = recover(all[i], last, log);
            from = Math.min(from, lacksFrom[i]);
        }
        try {
            retain(log.minLogOffset());
        } catch (DiskException e) {
            if (!e.full()) {
                throw e;
            }
            LOG.warn("retention-failed cause=\"{}\" action=\"tried again later\"", e.getMessage());
        }
        return from;
    }

    private static long recover(LogIndex index, Checkpoint last, LogOpening log) {
        Checkpoint.Part part = last.part(index.name());
        if (part != null) {
            try {
                return index.recover(new RecoveryPoint(
                        last.upToLogOffset(),
                        log.minLogOffset(),
                        log.endOfFiles(),
                        part.version(),
                        part.progress().duplicate()));
            } catch (IllegalArgumentException e) {
                LOG.error(
                        "index-unreadable index={} cause=\"{}\" action=\"it is made anew from the log\"",
                        index.name(),
                        e.getMessage());
            }
        } else if (last.upToLogOffset() > 0) {
            LOG.warn("index-new index={} action=\"it is made from the log\"", index.name());
        }
        return index.recover(RecoveryPoint.none(log.minLogOffset(), log.endOfFiles()));
    }

    /** Called once after all damage was mended, before anything is applied. */
    void start() {
        for (LogIndex index : all) {
            index.start();
        }
    }

    /** Called once when all that was found in the log was applied. */
    void recovered() {
        for (LogIndex index : all) {
            index.recovered();
        }
    }

    /** Gives a record that was found in the log to those who lack it. Under the append lock. */
    void applyAgain(PublishedRecords record) {
        for (int i = 0; i < all.length; i++) {
            if (record.logOffset(0) >= lacksFrom[i]) {
                all[i].apply(record);
            }
        }
    }

    void retain(long minLogOffset) {
        for (LogIndex index : all) {
            index.retain(minLogOffset);
        }
    }

    /** Entries that are in memory because no file has them yet. */
    long tailEntries() {
        return Arrays.stream(all).mapToLong(LogIndex::tailEntries).sum();
    }

    /** Brings to files what belongs to the log below an offset. */
    void flush(long upToLogOffset) {
        for (LogIndex index : all) {
            index.flush(upToLogOffset);
        }
    }

    /** What a checkpoint says of each, after {@link #flush}. */
    List<Checkpoint.Part> parts() {
        return Arrays.stream(all)
                .map(index -> Checkpoint.Part.of(index.name(), index.version(), index.progress()))
                .toList();
    }

    void deleteRetired() {
        for (LogIndex index : all) {
            index.deleteRetired();
        }
    }

    /** Reads the records that begin in a part of the log. */
    @FunctionalInterface
    interface Scan {
        /** Hands those from {@code from} on and below {@code to} to the visitor. */
        void records(long from, long to, RecordVisitor visitor);
    }

    /**
     * Makes damaged files again from the log. Returns whether there were any.
     *
     * @throws org.merlinmq.storage.run.DamagedRunException if it has to be called again soon
     */
    boolean mend(Scan log, RecordRule rule) {
        Reader reader = new Reader(rule);
        LogReplay replay =
                (from, to, each) -> log.records(from, to, (view, crc32c) -> each.accept(reader.read(view, crc32c)));
        boolean any = false;
        for (LogIndex index : all) {
            any |= index.mend(replay);
        }
        return any;
    }

    /** Makes of a record that was found in the log what indexes apply. */
    static final class Reader {
        private final RecordRule rule;
        private final RecordFacts facts = new RecordFacts();
        private final PublishedRecords one = new PublishedRecords();

        Reader(RecordRule rule) {
            this.rule = rule;
        }

        /** Valid until the next call. */
        PublishedRecords read(RecordView view, int crc32c) {
            return one.only(view, crc32c, facts.read(view, rule));
        }
    }

    @Override
    public void close() {
        for (int i = all.length - 1; i >= 0; i--) {
            all[i].close();
        }
    }
}
