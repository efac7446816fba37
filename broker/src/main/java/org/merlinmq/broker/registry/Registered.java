package org.merlinmq.broker.registry;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a nameserver says to a registration.
 *
 * @param refusal why the broker is not registered; null if it is
 * @param masterAddress the live master of a slave's group; null if it tells none
 * @param haAddress where that master feeds its slaves; null if it tells none
 * @param orderTopics the topics that are ordered; null if it says nothing on them
 */
public record Registered(
        @Nullable String refusal,
        @Nullable String masterAddress,
        @Nullable String haAddress,
        @Nullable Set<String> orderTopics) {}
