package org.merlinmq.broker.replicate;

import org.merlinmq.protocol.code.RequestCode;
import org.merlinmq.protocol.request.PromoteRequest;
import org.merlinmq.transport.dispatch.Access;
import org.merlinmq.transport.dispatch.Access.Action;
import org.merlinmq.transport.dispatch.Access.Resource;
import org.merlinmq.transport.dispatch.Answer;
import org.merlinmq.transport.dispatch.Handlers;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * Shows administrators how a broker replicates, and promotes it.
 *
 * <p>Threading: on virtual threads.
 *
 * <p>Source: 77040 and 77041 are ours, see docs/wire/merlin-requests.md.
 */
public final class ReplicationHandlers {
    private volatile Replication replication;

    /**
     * Handlers of a broker.
     *
     * @param replication how it replicates
     */
    public ReplicationHandlers(Replication replication) {
        this.replication = replication;
    }

    /**
     * Shows and promotes by another one from now on.
     *
     * @param other how the broker replicates
     */
    public void replicateBy(Replication other) {
        replication = other;
    }

    /** By what it shows and promotes now. */
    public Replication replication() {
        return replication;
    }

    /**
     * Registers both requests.
     *
     * @param handlers takes them
     */
    public void register(Handlers handlers) {
        handlers.blocking(
                        RequestCode.SHOW_REPLICATION,
                        Access.of(Resource.CLUSTER, Action.GET),
                        request -> Answer.ok(replication.status().write()))
                .blocking(
                        RequestCode.PROMOTE_BROKER,
                        Access.of(Resource.CLUSTER, Action.UPDATE),
                        request -> promote(PromoteRequest.read(request)));
    }

    private Answer promote(PromoteRequest request) {
        Refusal refusal = replication.promote(request.force());
        return refusal == null ? Answer.ok() : Answer.refuse(refusal);
    }
}
