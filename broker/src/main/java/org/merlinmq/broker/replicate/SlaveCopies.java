package org.merlinmq.broker.replicate;

import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.merlinmq.broker.follow.ReplicaView;
import org.merlinmq.replication.apache.SlaveListener;
import org.merlinmq.storage.log.CopyWaits;

/**
 * Counts the slaves that keep up, and ends the waits of sends by what slaves report on RocketMQ's stream: that they have written the
 * log up to an offset. That stream does not say whether their disks have it.
 *
 * <p>A slave that lags by more than {@link ReplicaView#MAX_GAP_BYTES} does not count as there. Source: RocketMQ's SYNC_MASTER.
 *
 * <p>Threading: any thread.
 */
public final class SlaveCopies implements SlaveListener {
    /** How far a slave's log reaches. */
    private static final class Reach {
        long end;
    }

    private final CopyWaits waits;
    private final LongSupplier logEnd;

    /** Guarded by this. */
    private final Map<SocketAddress, Reach> slaves = new HashMap<>();

    private volatile int inSync;

    /**
     * Lets batches wait for slaves from now on.
     *
     * @param waits where they wait
     * @param config for how many if nothing else is said, and how long
     * @param logEnd where this broker's log ends
     */
    public SlaveCopies(CopyWaits waits, CopyConfig config, LongSupplier logEnd) {
        this.waits = waits;
        this.logEnd = logEnd;
        waits.require(config.copies(), CopyConfig.MAX_COPIES, config.timeout(), () -> inSync);
    }

    /** How many slaves keep up. */
    public int inSync() {
        return inSync;
    }

    @Override
    public void reported(SocketAddress slave, long logOffset) {
        int before;
        int connected;
        synchronized (this) {
            before = inSync;
            slaves.computeIfAbsent(slave, any -> new Reach()).end = logOffset;
            count();
            connected = slaves.size();
        }
        for (int copies = connected; copies > 0; copies--) {
            waits.confirmed(copies, endOf(copies));
        }
        if (inSync < before) {
            waits.inSyncChanged();
        }
    }

    @Override
    public void gone(SocketAddress slave) {
        synchronized (this) {
            slaves.remove(slave);
            count();
        }
        waits.inSyncChanged();
    }

    private void count() {
        long from = logEnd.getAsLong() - ReplicaView.MAX_GAP_BYTES;
        int keepingUp = 0;
        for (Reach each : slaves.values()) {
            keepingUp += each.end >= from ? 1 : 0;
        }
        inSync = keepingUp;
    }

    /** Up to where so many slaves have the log; 0 if there are not so many. There are a few of them. */
    private synchronized long endOf(int copies) {
        long best = 0;
        for (Reach each : slaves.values()) {
            if (each.end > best && countTo(each.end) >= copies) {
                best = each.end;
            }
        }
        return best;
    }

    private int countTo(long end) {
        int count = 0;
        for (Reach each : slaves.values()) {
            count += each.end >= end ? 1 : 0;
        }
        return count;
    }
}
