/**
 * Which messages a subscription takes. Tags are compared by the hash that stands in the queue entry, so that a message
 * nobody asked for is never read; expressions of SQL92 are in {@code sql}.
 *
 * <p>Not here: who subscribes to what ({@code subscription}, {@code client}). Start at
 * {@link org.merlinmq.broker.filter.Filter}.
 */
@NullMarked
package org.merlinmq.broker.filter;

import org.jspecify.annotations.NullMarked;
