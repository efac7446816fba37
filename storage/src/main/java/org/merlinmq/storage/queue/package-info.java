/**
 * The order of messages in each queue: which record is message n of queue q.
 *
 * <p>Here live the tails that appends fill, the table of all queues, parked pulls, and the runs that tails are flushed
 * into. The records themselves are not here ({@code storage.log}), nor is what a file of sorted entries looks like
 * ({@code storage.run}). Start at {@link org.merlinmq.storage.queue.Queue}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.storage.queue;
