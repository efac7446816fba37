/**
 * Consumer and producer groups: how each is configured, who is connected, who subscribes to what and who holds which
 * queue.
 *
 * <p>Not here: how far a group has read ({@code offset}). Start at {@link
 * org.merlinmq.broker.group.ConsumerGroups}.
 */
@NullMarked
package org.merlinmq.broker.group;

import org.jspecify.annotations.NullMarked;
