/**
 * How much went through: counters that the hot path adds to, and what they were at times past, for administrators.
 *
 * <p>Not here: metrics for monitoring systems, which read the totals. Start at {@link
 * org.merlinmq.broker.stats.ThroughputStats}.
 */
@NullMarked
package org.merlinmq.broker.stats;

import org.jspecify.annotations.NullMarked;
