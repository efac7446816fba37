package org.merlinmq.broker.replicate;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.body.ReplicationStatus;
import org.merlinmq.protocol.request.GroupLead;
import org.merlinmq.transport.dispatch.Refusal;

/**
 * What keeps the logs of a broker group equal, as administrators see it.
 *
 * <p>Threading: any thread.
 */
public interface Replication {
    /**
     * Where this broker is now.
     *
     * @return its role, its log, and who copies it
     */
    ReplicationStatus status();

    /**
     * Stands for the group's master; {@link #status} shows what comes of it.
     *
     * @param force to lead with those who answer, however few
     * @return null if it does; else why not
     */
    @Nullable Refusal promote(boolean force);

    /**
     * A nameserver has refused this broker as the master: there is a later one.
     *
     * @param by the later lead
     */
    default void ended(GroupLead by) {
        // Without a group there is none.
    }
}
