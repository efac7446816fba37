/**
 * Which messages a subscription wants. Tags are compared by the hash that stands in the queue entry, so that a message
 * nobody asked for is never read.
 *
 * <p>Not here: who subscribes to what ({@code group}). Start at {@link org.merlinmq.broker.filter.Filter}.
 */
@NullMarked
package org.merlinmq.broker.filter;

import org.jspecify.annotations.NullMarked;
