package org.merlinmq.broker.replicate;

import java.util.List;
import java.util.function.LongSupplier;
import org.merlinmq.broker.follow.ReplicaView;
import org.merlinmq.protocol.body.ReplicaStatus;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.code.ResponseCode;
import org.merlinmq.protocol.message.RecordView;
import org.merlinmq.replication.apache.ApacheMaster.SlavePosition;
import org.merlinmq.storage.Storage;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Replication by RocketMQ's stream: the property files say who is the master, and there are no epochs.
 *
 * <p>Threading: any thread.
 */
public final class StreamReplication implements Replication {
    private final Storage storage;
    private final ReplicaView replicas;
    private final LongSupplier nowMillis;

    /**
     * The replication of a broker.
     *
     * @param storage whose log is copied, or is a copy
     * @param replicas who is connected, and whether this broker is the master
     * @param nowMillis the wall clock, by which records are stored
     */
    public StreamReplication(Storage storage, ReplicaView replicas, LongSupplier nowMillis) {
        this.storage = storage;
        this.replicas = replicas;
        this.nowMillis = nowMillis;
    }

    @Override
    public ReplicationStatus status() {
        List<SlavePosition> positions = replicas.positions();
        // Read after the positions: no slave is ahead of it.
        long end = storage.maxLogOffset();
        return new ReplicationStatus(
                storage.minLogOffset(),
                storage.copies().confirmedEnd(),
                storage.copies().required(),
                false,
                end,
                0,
                storage.flushedLogOffset(),
                -1,
                positions.stream().map(slave -> replica(slave, end)).toList(),
                replicas.isMaster() ? ReplicationStatus.MASTER : ReplicationStatus.SLAVE,
                storage.copies().waiting());
    }

    private ReplicaStatus replica(SlavePosition slave, long end) {
        long acked = Math.max(0, slave.ackedLogOffset());
        long lag = end - acked;
        return new ReplicaStatus(
                acked,
                slave.address(),
                lag <= ReplicaView.MAX_GAP_BYTES,
                lag,
                lag == 0 ? 0 : ageMillis(acked),
                Math.max(0, slave.sentLogOffset()));
    }

    /** How long ago the record at an offset was stored; -1 if none begins there, as in the middle of one that is under way. */
    private long ageMillis(long logOffset) {
        byte[] record = storage.readRecord(logOffset);
        RecordView view = new RecordView();
        return record != null && view.on(record, 0, record.length)
                ? Math.max(0, nowMillis.getAsLong() - view.storeMillis())
                : -1;
    }

    @Override
    public Refusal promote(boolean force) {
        return new Refusal(
                ResponseCode.SYSTEM_ERROR,
                replicas.isMaster()
                        ? "this broker is the master of its name already"
                        : "this broker copies its master by RocketMQ's stream, which knows no promotion: stop it and its master,"
                                + " set brokerRole=ASYNC_MASTER and brokerId=0 in its file, and start it with --adopt once");
    }
}
