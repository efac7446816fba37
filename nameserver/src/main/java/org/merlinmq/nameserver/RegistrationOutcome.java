package org.merlinmq.nameserver;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.request.GroupLead;

/** The result of a registration. */
public sealed interface RegistrationOutcome {
    /**
     * The broker is registered.
     *
     * @param master the live master of a slave's group; null for a master, or if there is none
     * @param haServer where that master feeds its slaves; null together with {@code master}
     * @param first whether the broker was not known at this id and address
     * @param topicsChanged how many routes changed
     * @param displaced the address that had this id before, if it was another one: two brokers share a name and id, or
     *     one moved
     */
    record Accepted(
            @Nullable BrokerAddress master,
            @Nullable BrokerAddress haServer,
            boolean first,
            int topicsChanged,
            @Nullable String displaced)
            implements RegistrationOutcome {}

    /**
     * The broker is not registered.
     *
     * @param sentence the cause and the cure
     * @param endedBy the later lead of its group that is known here; null if that is not the cause
     */
    record Refused(String sentence, @Nullable GroupLead endedBy) implements RegistrationOutcome {}
}
