package org.merlinmq.broker.registry;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.request.GroupLead;

/**
 * A nameserver's answer to a registration.
 *
 * @param refusal why the broker is not registered; null if it is
 * @param orderTopics the topics that are ordered; null if the nameserver does not configure any
 * @param master {@code host:port} of the master of the broker's name; null for a master, or if none is registered
 * @param masterReplication {@code host:port} where that master feeds its slaves; null with {@code master}
 * @param endedBy the later lead that has ended this broker's, with a {@code refusal}; null if there is none
 */
public record RegistrationResult(
        @Nullable String refusal,
        @Nullable Set<String> orderTopics,
        @Nullable String master,
        @Nullable String masterReplication,
        @Nullable GroupLead endedBy) {
    /** An answer that names no master. */
    public RegistrationResult(@Nullable String refusal, @Nullable Set<String> orderTopics) {
        this(refusal, orderTopics, null, null, null);
    }

    /** An answer to a broker that registers in order. */
    public RegistrationResult(
            @Nullable String refusal,
            @Nullable Set<String> orderTopics,
            @Nullable String master,
            @Nullable String masterReplication) {
        this(refusal, orderTopics, master, masterReplication, null);
    }
}
