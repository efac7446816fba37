package org.merlinmq.storage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.message.RecordLayout;
import org.merlinmq.storage.disk.Damage;
import org.merlinmq.storage.disk.Disk;
import org.merlinmq.storage.disk.DiskException;
import org.merlinmq.storage.facts.RecordFacts;
import org.merlinmq.storage.facts.RecordRule;
import org.merlinmq.storage.index.KeyIndex;
import org.merlinmq.storage.log.RecordVisitor;
import org.merlinmq.storage.queue.QueueRebuild;
import org.merlinmq.storage.queue.QueueTable;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.run.PairRebuild;
import org.merlinmq.storage.run.RunFile;
import org.merlinmq.storage.run.RunSet;
import org.merlinmq.storage.run.Runs;
import org.merlinmq.storage.timer.TimerIndex;
import org.merlinmq.storage.timer.TimerRebuild;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that is derived from the log: each of them can be made again from its records.
 *
 * @param queues the order of messages in each queue
 * @param keys messages by key; null if keys are not indexed
 * @param timers messages that are due later
 */
record Indexes(QueueTable queues, @Nullable KeyIndex keys, TimerIndex timers) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Indexes.class);

    /** Timers held in memory because they are due soon: 24 bytes each. */
    private static final int MAX_NEAR_TIMERS = 100_000;

    /** Reads the records that begin in a part of the log. */
    @FunctionalInterface
    interface Scan {
        /** Hands those from {@code from} on and below {@code to} to the visitor. */
        void records(long from, long to, RecordVisitor visitor);
    }

    static Indexes open(Disk disk, Path folder, ReentrantLock appendLock, boolean withKeys, Consumer<Damage> damages) {
        return new Indexes(
                QueueTable.open(disk, folder, appendLock, damages),
                withKeys ? KeyIndex.open(disk, folder, appendLock, damages) : null,
                TimerIndex.open(disk, folder, MAX_NEAR_TIMERS, damages));
    }

    private List<Runs> all() {
        return keys == null ? List.of(queues, timers) : List.of(queues, keys, timers);
    }

    void recover(RunSet set, long minLogOffset) {
        all().forEach(index -> index.recover(set));
        try {
            retain(minLogOffset);
        } catch (DiskException e) {
            if (!e.full()) {
                throw e;
            }
            LOG.warn("retention-failed cause=\"{}\" action=\"tried again later\"", e.getMessage());
        }
    }

    void retain(long minLogOffset) {
        all().forEach(index -> index.retain(minLogOffset));
    }

    /** Entries that are in memory because no file has them yet. */
    long tailEntries() {
        return queues.tailEntries() + timers.tailEntries() + (keys == null ? 0 : keys.tailEntries());
    }

    /** Brings to files what belongs to the log below an offset; returns all files. */
    RunSet flush(long upToLogOffset) {
        List<RunFile> files = new ArrayList<>();
        for (Runs index : all()) {
            index.flush(upToLogOffset);
            boolean merged = true;
            while (merged) {
                merged = index.merge();
            }
            files.addAll(index.live());
        }
        return new RunSet(upToLogOffset, timers.progressDueMillis(), timers.progressLogOffset(), files);
    }

    void deleteRetired() {
        all().forEach(Runs::deleteRetired);
    }

    /**
     * Makes damaged runs again from the log. Returns whether there were any.
     *
     * @throws DamagedRunException if a timer run turns out to be damaged whose help is needed
     */
    boolean mend(Scan log, RecordRule rule) {
        boolean any = false;
        for (RunFile file : queues.damaged()) {
            mendQueues(file, log, rule);
            any = true;
        }
        KeyIndex index = keys;
        if (index != null) {
            for (RunFile file : index.damaged()) {
                mendKeys(index, file, log, rule);
                any = true;
            }
        }
        for (RunFile file : timers.damaged()) {
            mendTimers(file, log, rule);
            any = true;
        }
        return any;
    }

    private void mendQueues(RunFile file, Scan log, RecordRule rule) {
        QueueRebuild rebuild = queues.rebuild(file);
        RecordFacts facts = new RecordFacts();
        log.records(file.minLogOffset(), file.maxLogOffset() + 1, (view, crc32c) -> {
            facts.read(view, rule);
            if ((facts.kinds() & RecordFacts.UNQUEUED) == 0) {
                rebuild.add(
                        view.bytes(),
                        view.topicAt(),
                        view.topicBytes(),
                        view.queueId(),
                        view.queueOffset(),
                        view.logOffset(),
                        view.totalBytes(),
                        crc32c,
                        facts.tagsCode());
            }
        });
        rebuild.finish();
    }

    private static void mendKeys(KeyIndex index, RunFile file, Scan log, RecordRule rule) {
        RecordFacts facts = new RecordFacts();
        try (PairRebuild rebuild = index.rebuild(file)) {
            log.records(file.minLogOffset(), file.maxLogOffset() + 1, (view, crc32c) -> {
                facts.read(view, rule);
                for (int k = 0; k < facts.keyCount(); k++) {
                    rebuild.add(facts.key(k), view.logOffset());
                }
            });
            rebuild.finish();
        }
    }

    private void mendTimers(RunFile file, Scan log, RecordRule rule) {
        try (TimerRebuild rebuild = timers.rebuild(file)) {
            log.records(file.minLogOffset(), rebuild.endsBelow(), (view, crc32c) -> {
                long settles = RecordLayout.named(view.preparedOffset());
                if (settles != RecordLayout.NAMES_NONE) {
                    rebuild.settled(settles, view.logOffset());
                }
            });
            RecordFacts facts = new RecordFacts();
            log.records(file.minLogOffset(), file.maxLogOffset() + 1, (view, crc32c) -> {
                facts.read(view, rule);
                if (facts.dueMillis() != 0) {
                    rebuild.add(facts.dueMillis(), view.logOffset());
                }
            });
            rebuild.finish();
        }
    }

    @Override
    public void close() {
        timers.close();
        if (keys != null) {
            keys.close();
        }
        queues.close();
    }
}
