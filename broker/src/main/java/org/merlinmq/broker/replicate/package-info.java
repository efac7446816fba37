/**
 * What a broker does as one of several that have the same log: its sends wait for the others, and administrators see them. The
 * rules of a group are in {@code replication.core}; start at {@link org.merlinmq.broker.replicate.SlaveCopies}.
 */
@NullMarked
package org.merlinmq.broker.replicate;

import org.jspecify.annotations.NullMarked;
