package org.merlinmq.storage.index;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.merlinmq.platform.disk.Damage;
import org.merlinmq.platform.disk.Disk;
import org.merlinmq.storage.facts.KeyVisitor;
import org.merlinmq.storage.run.DamagedRunException;
import org.merlinmq.storage.run.PairMerge;
import org.merlinmq.storage.run.PairRebuild;
import org.merlinmq.storage.run.PairSort;
import org.merlinmq.storage.run.PairTail;
import org.merlinmq.storage.run.Run;
import org.merlinmq.storage.run.RunFile;
import org.merlinmq.storage.run.RunKind;
import org.merlinmq.storage.run.RunStore;
import org.merlinmq.storage.run.RunWriter;

/**
 * Which messages have a key: from the 64-bit hash of {@code topic#key} to log offsets.
 *
 * <p>Different keys may share a hash: whoever queries compares the record's own keys.
 *
 * <p>Threading: {@code query} on any thread without a lock; all else as {@link LogIndex} says.
 *
 * <p>Format: docs/formats/key-run.md.
 */
public final class KeyIndex implements LogIndex {

    /** Takes what a query finds. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One message that may have the key.
         *
         * @param logOffset where its record begins
         * @return whether to go on to older ones
         */
        boolean visit(long logOffset);
    }

    private static final RunKind RUNS = new RunKind(2, "key", RunKind.PAIR_BYTES);
    private static final int VERSION = 1;

    private final Lock appendLock;
    private final RunStore store;
    private final PairTail tail = new PairTail();
    private long flushedUpTo;
    private long minLogOffset;

    private KeyIndex(RunStore store, Lock appendLock) {
        this.store = store;
        this.appendLock = appendLock;
    }

    /**
     * Opens the index; {@link #recover} comes next.
     *
     * @param disk holds the files
     * @param folder of the key runs; made if missing
     * @param appendLock the log's append lock
     * @param damages called with each damage
     * @return the index
     */
    public static KeyIndex open(Disk disk, Path folder, Lock appendLock, Consumer<Damage> damages) {
        return new KeyIndex(new RunStore(disk, folder, RUNS, damages), appendLock);
    }

    @Override
    public String name() {
        return RUNS.word();
    }

    @Override
    public int version() {
        return VERSION;
    }

    @Override
    public void apply(PublishedRecords records) {
        for (int i = 0; i < records.count(); i++) {
            for (int k = records.keysBegin(i); k < records.keysEnd(i); k++) {
                add(records.key(k), records.logOffset(i));
            }
        }
    }

    /** Adds a key of a message. Messages come in log order. */
    void add(long hash, long logOffset) {
        tail.add(hash, logOffset);
    }

    /**
     * Finds messages by a key's hash, the newest first, each once.
     *
     * @param hash of topic and key
     * @param fromLogOffset none below this
     * @param toLogOffset none at or above this
     * @param visitor takes the keys
     * @return runs that could not be read because they are damaged, and are mended soon: what they hold was not visited
     */
    public List<RunFile> query(long hash, long fromLogOffset, long toLogOffset, Visitor visitor) {
        Query query = new Query(hash, fromLogOffset, toLogOffset, visitor);
        query.run();
        return query.unread;
    }

    /**
     * Visits all keys of the newer messages; of one hash the newest first, and some of them twice if runs are merged meanwhile.
     *
     * @param fromLogOffset none below this
     * @param visitor takes the keys
     * @return runs that could not be read to their end because they are damaged
     */
    public List<RunFile> forEach(long fromLogOffset, KeyVisitor visitor) {
        List<RunFile> unread = new ArrayList<>();
        PairTail.Snapshot now = tail.snapshot();
        long[] pairs = now.toArray(now.below(fromLogOffset));
        for (int i = pairs.length - 2; i >= 0; i -= 2) {
            visitor.visit(pairs[i], pairs[i + 1]);
        }
        Run[] runs = store.runs();
        for (int i = runs.length - 1; i >= 0; i--) {
            if (!runs[i].acquire()) {
                runs = store.runs();
                i = runs.length;
                continue;
            }
            try {
                forEach(runs[i], fromLogOffset, visitor);
            } catch (DamagedRunException e) {
                store.damage(runs[i].file(), e);
                unread.add(runs[i].file());
            } finally {
                runs[i].release();
            }
        }
        return unread;
    }

    private static void forEach(Run run, long from, KeyVisitor visitor) {
        if (run.file().maxLogOffset() < from) {
            return;
        }
        for (long at = run.entries() - 1; at >= 0; at--) {
            long logOffset = run.field(at, 1);
            if (logOffset >= from) {
                visitor.visit(run.field(at, 0), logOffset);
            }
        }
    }

    private final class Query {
        private final long hash;
        private final long from;
        private final Visitor visitor;
        private final List<RunFile> unread = new ArrayList<>();

        /** Results come in falling order: what is not below the last one was seen in the tail and again in a run. */
        private long below;

        Query(long hash, long from, long to, Visitor visitor) {
            this.hash = hash;
            this.from = from;
            this.visitor = visitor;
            below = to;
        }

        void run() {
            // The tail before the runs: what leaves the tail meanwhile is in a run already.
            if (!tail.snapshot().newestFirst(hash, this::offer)) {
                return;
            }
            Run[] runs = store.runs();
            for (int i = runs.length - 1; i >= 0; i--) {
                if (!runs[i].acquire()) {
                    runs = store.runs();
                    i = runs.length;
                    continue;
                }
                try {
                    if (!search(runs[i])) {
                        return;
                    }
                } catch (DamagedRunException e) {
                    store.damage(runs[i].file(), e);
                    unread.add(runs[i].file());
                } finally {
                    runs[i].release();
                }
            }
        }

        private boolean search(Run run) {
            if (run.file().maxLogOffset() < from || run.file().minLogOffset() >= below) {
                return true;
            }
            for (long at = run.ceilingOfHash(hash, below) - 1; at >= 0 && run.field(at, 0) == hash; at--) {
                if (!offer(run.field(at, 1))) {
                    return false;
                }
            }
            return true;
        }

        private boolean offer(long logOffset) {
            if (logOffset < from) {
                return false;
            }
            if (logOffset >= below) {
                return true;
            }
            below = logOffset;
            return visitor.visit(logOffset);
        }
    }

    @Override
    public long tailEntries() {
        return tail.snapshot().size();
    }

    @Override
    public void flush(long upToLogOffset) {
        writeTail(upToLogOffset);
        while (merge()) {
            // Until there is nothing to merge.
        }
    }

    private void writeTail(long upToLogOffset) {
        PairTail.Snapshot now = tail.snapshot();
        int from = now.below(flushedUpTo);
        int to = now.below(upToLogOffset);
        if (from < to) {
            long[] sorted = PairSort.sort(now.toArray(from, to), to - from);
            try (RunWriter out = store.newRun()) {
                out.keys(sorted, to - from);
                store.append(out.finish());
            }
        }
        flushedUpTo = Math.max(flushedUpTo, upToLogOffset);
        appendLock.lock();
        try {
            tail.trim(flushedUpTo);
        } finally {
            appendLock.unlock();
        }
    }

    @Override
    public byte[] progress() {
        return RunFile.write(store.live());
    }

    @Override
    public long recover(RecoveryPoint last) {
        if (last.isNone()) {
            store.recover(List.of());
        } else {
            last.expectVersion(VERSION);
            store.recover(RunFile.read(last.progress(), RUNS));
        }
        flushedUpTo = last.upToLogOffset();
        return flushedUpTo;
    }

    @Override
    public boolean mend(LogReplay log) {
        List<RunFile> damaged = store.damaged();
        for (RunFile file : damaged) {
            try (PairRebuild rebuild = rebuild(file)) {
                log.records(file.minLogOffset(), file.maxLogOffset() + 1, records -> {
                    for (int k = records.keysBegin(0); k < records.keysEnd(0); k++) {
                        rebuild.add(records.key(k), records.logOffset(0));
                    }
                });
                rebuild.finish();
            }
        }
        return !damaged.isEmpty();
    }

    List<RunFile> live() {
        return store.live();
    }

    List<RunFile> damaged() {
        return store.damaged();
    }

    /** Replaces a damaged run; fed with all keys of the records of its part of the log. */
    PairRebuild rebuild(RunFile damaged) {
        return new PairRebuild(store, damaged, 0);
    }

    boolean merge() {
        List<Run> olds = store.mergeable();
        return !olds.isEmpty()
                && store.merge(olds, out -> {
                    PairMerge all = new PairMerge(olds, 0, 0);
                    while (all.advance()) {
                        if (all.value() >= minLogOffset) {
                            out.pair(all.key(), all.value(), all.value());
                        }
                    }
                });
    }

    @Override
    public void retain(long minLogOffset) {
        this.minLogOffset = minLogOffset;
        store.dropBelow(minLogOffset);
    }

    @Override
    public void deleteRetired() {
        store.deleteRetired();
    }

    @Override
    public void close() {
        store.close();
    }
}
