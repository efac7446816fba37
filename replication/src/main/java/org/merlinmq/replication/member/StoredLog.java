package org.merlinmq.replication.member;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.merlinmq.replication.core.GroupLog;
import org.merlinmq.replication.stream.Message.CopyPart;
import org.merlinmq.storage.CopyStart;
import org.merlinmq.storage.SetAsideLog;
import org.merlinmq.storage.Storage;
import org.merlinmq.storage.log.EpochTable.Epoch;
import org.merlinmq.storage.log.LogReceiver;
import org.merlinmq.storage.log.LogWaiter;
import org.merlinmq.storage.state.StateEntries;

/**
 * The log of a member in a store.
 *
 * <p>Threading: as {@link GroupLog}; the store may be used by others, but for what {@link StoreHost#reopen} does.
 */
public final class StoredLog implements GroupLog {
    /** The most of a copy's entries in one message, if no entry is longer. */
    private static final int PART_BYTES = 1 << 20;

    private final StoreHost host;
    private volatile Storage storage;
    private boolean broken;
    private @Nullable LogReceiver receiver;
    private StateEntries copiedState = new StateEntries();
    private StateEntries copiedQueues = new StateEntries();

    /** Hears of the syncs of each store that is opened. */
    private LogWaiter syncListener = () -> {};

    /**
     * The log in the store that is open.
     *
     * @param host has the store
     */
    public StoredLog(StoreHost host) {
        this.host = host;
        this.storage = host.storage();
    }

    @Override
    public List<Epoch> epochs() {
        return storage.epochs().epochs();
    }

    @Override
    public long begin() {
        return storage.minLogOffset();
    }

    @Override
    public long end() {
        return storage.maxLogOffset();
    }

    @Override
    public long flushed() {
        // In this order: the end may grow in between, what is flushed is never above it then.
        long flushed = storage.flushedLogOffset();
        return Math.min(flushed, storage.maxLogOffset());
    }

    @Override
    public int copy(long from, ByteBuffer to) {
        return storage.copyLog(from, to);
    }

    @Override
    public void flush() {
        storage.flush();
    }

    /** Whether the store has given up whole records behind damage, and nobody has taken note yet. */
    boolean hasLostRecords() {
        return storage.hasLostRecords();
    }

    /** Forgets that records were lost. */
    void lossIsKnown() {
        storage.lossIsKnown();
    }

    /** Asks for a sync at once without waiting for it. */
    void flushSoon() {
        storage.syncSoon();
    }

    /** Asks to be woken once when the log reaches an offset; at once if it has. */
    void awaitGrowth(LogWaiter waiter, long logOffset) {
        storage.wakeAt(waiter, logOffset);
    }

    /** Waits for no growth any more. */
    void awaitNoGrowth(LogWaiter waiter) {
        storage.wakeNever(waiter);
    }

    /** Asks to be woken after each sync. */
    void afterSync(LogWaiter listener) {
        syncListener = listener;
        storage.afterSync(listener);
    }

    @Override
    public void startFollowing() {
        if (receiver != null) {
            throw new IllegalStateException("the log follows another one already");
        }
        receiver = storage.follow();
    }

    @Override
    public void receive(long logOffset, byte[] bytes) {
        LogReceiver open = receiver;
        if (open == null) {
            throw new IllegalStateException("the log follows no other one");
        }
        open.append(logOffset, bytes, 0, bytes.length);
    }

    @Override
    public void stopFollowing() {
        LogReceiver open = receiver;
        receiver = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public boolean cutBack(long logOffset) {
        boolean[] cut = new boolean[1];
        reopen(() -> cut[0] = Storage.cutBack(host.config(), host.environment(), logOffset));
        if (cut[0] && end() != logOffset) {
            throw new IllegalStateException("the log was cut back to " + logOffset + " and ends at " + end());
        }
        return cut[0];
    }

    @Override
    public boolean empty() {
        boolean[] kept = new boolean[1];
        SetAsideLog old = old();
        reopen(() -> kept[0] = Storage.empty(host.config(), host.environment(), old));
        return kept[0];
    }

    /** What is to be set aside; null for a store without records. */
    private @Nullable SetAsideLog old() {
        return end() > begin() ? new SetAsideLog(epochs(), begin(), end()) : null;
    }

    @Override
    public @Nullable SetAsideLog setAside() {
        return storage.setAside();
    }

    @Override
    public void copyIsLevel() {
        storage.copyIsLevel();
    }

    @Override
    public void putBack() {
        reopen(() -> Storage.putBack(host.config(), host.environment()));
    }

    private void reopen(Runnable change) {
        broken = true;
        try {
            host.reopen(change);
            broken = false;
        } finally {
            storage = host.storage();
            storage.afterSync(syncListener);
        }
    }

    /** Opens the store again if that has failed before. */
    void mend() {
        if (broken) {
            reopen(() -> {});
        }
    }

    @Override
    public void adopt(List<Epoch> epochs) {
        storage.epochs().adopt(epochs);
    }

    @Override
    public void beginEpoch(int epoch) {
        storage.epochs().begin(epoch, storage.maxLogOffset());
    }

    @Override
    public List<CopyPart> copyParts(int epoch) {
        CopyStart start = storage.copyStart();
        List<CopyPart> parts = new ArrayList<>();
        start.state().forEachPart(PART_BYTES, (bytes, entries) -> parts.add(part(epoch, start, false, bytes, entries)));
        start.queues().forEachPart(PART_BYTES, (bytes, entries) -> parts.add(part(epoch, start, true, bytes, entries)));
        CopyPart last = parts.removeLast();
        parts.add(new CopyPart(
                epoch,
                last.logOffset(),
                last.segmentBytes(),
                last.stateLogOffset(),
                true,
                true,
                last.entries(),
                last.bytes()));
        return parts;
    }

    private static CopyPart part(int epoch, CopyStart start, boolean ofQueues, byte[] bytes, int entries) {
        return new CopyPart(
                epoch,
                start.logOffset(),
                start.segmentBytes(),
                start.stateLogOffset(),
                ofQueues,
                false,
                entries,
                bytes);
    }

    @Override
    public boolean takeCopyPart(CopyPart part) {
        (part.ofQueues() ? copiedQueues : copiedState).addPart(part.bytes(), part.entries());
        if (part.last()) {
            CopyStart start = new CopyStart(
                    part.logOffset(), part.segmentBytes(), part.stateLogOffset(), copiedState, copiedQueues);
            forgetCopyParts();
            SetAsideLog old = old();
            reopen(() -> {
                Storage.empty(host.config(), host.environment(), old);
                Storage.begin(host.config(), host.environment(), start);
            });
        }
        return part.last();
    }

    @Override
    public void forgetCopyParts() {
        copiedState = new StateEntries();
        copiedQueues = new StateEntries();
    }
}
