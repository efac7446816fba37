package org.merlinmq.broker.follow;

import java.util.List;
import java.util.function.Supplier;
import org.merlinmq.protocol.body.HaConnection;
import org.merlinmq.protocol.body.HaStatus;
import org.merlinmq.replication.apache.ApacheMaster.SlavePosition;
import org.merlinmq.storage.Storage;

/**
 * Shows administrators where the slaves of this broker are.
 *
 * <p>Threading: any thread.
 *
 * <p>Source: request 907.
 */
public final class ReplicaView {
    /** A slave that lags by more than this is shown as fallen behind. Source: RocketMQ's haMaxGapNotInSync. */
    public static final long MAX_GAP_BYTES = 256L << 20;

    private final Storage storage;
    private final boolean master;
    private volatile Supplier<List<SlavePosition>> slaves = List::of;

    /**
     * A view of no slaves yet.
     *
     * @param storage whose log they copy
     * @param master whether this broker is one
     */
    public ReplicaView(Storage storage, boolean master) {
        this.storage = storage;
        this.master = master;
    }

    /**
     * Shows these slaves from now on.
     *
     * @param connected where each is that is connected
     */
    public void show(Supplier<List<SlavePosition>> connected) {
        slaves = connected;
    }

    /** Whether this broker is the master. */
    public boolean isMaster() {
        return master;
    }

    /** Where each is that is connected. */
    public List<SlavePosition> positions() {
        return slaves.get();
    }

    /**
     * Where they are now.
     *
     * @return the body of an answer
     */
    public HaStatus status() {
        List<SlavePosition> positions = slaves.get();
        // Read after the positions: no slave is ahead of it.
        long end = storage.maxLogOffset();
        List<HaConnection> shown =
                positions.stream().map(slave -> connection(slave, end)).toList();
        int inSync = (int) shown.stream().filter(HaConnection::inSync).count();
        return new HaStatus(shown, inSync, master, end);
    }

    /**
     * A slave as it is shown.
     *
     * @param slave where it is
     * @param end where the log ends
     * @return its line
     */
    public static HaConnection connection(SlavePosition slave, long end) {
        long gap = end - Math.max(0, slave.ackedLogOffset());
        return new HaConnection(
                slave.address(),
                gap,
                gap <= MAX_GAP_BYTES,
                slave.ackedLogOffset(),
                slave.sentLogOffset(),
                slave.bytesPerSecond());
    }
}
