package org.merlinmq.broker.registry;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A nameserver's answer to a registration.
 *
 * @param refusal why the broker is not registered; null if it is
 * @param orderTopics the topics that are ordered; null if the nameserver does not configure any
 */
public record RegistrationResult(
        @Nullable String refusal, @Nullable Set<String> orderTopics) {}
