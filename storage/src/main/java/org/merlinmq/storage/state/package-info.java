/**
 * Small durable state (topics, groups, offsets, settings) as a journal of records and a snapshot.
 *
 * <p>What a record means is its owner's. Messages are not state: they are in the log. Start at {@link
 * org.merlinmq.storage.state.StateLog}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.storage.state;
