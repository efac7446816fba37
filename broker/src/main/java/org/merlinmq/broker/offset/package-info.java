/**
 * How far each group has read each queue: committed offsets, resets that wait for the next pull, and where a new group
 * starts.
 *
 * <p>Not here: the bounds of a queue itself (storage). Start at {@link org.merlinmq.broker.offset.OffsetTable}.
 */
@NullMarked
package org.merlinmq.broker.offset;

import org.jspecify.annotations.NullMarked;
