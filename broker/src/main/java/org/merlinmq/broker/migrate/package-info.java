/**
 * Migration of a store that RocketMQ wrote: its topics, groups and offsets, how far its delays were delivered, and which
 * records belong to topics that were deleted.
 *
 * <p>Here: reading RocketMQ's files, which are never written. Not here: the tables that the state is imported into
 * (packages topic, group, offset), and the log, which is read as it is (module storage).
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker.migrate;
