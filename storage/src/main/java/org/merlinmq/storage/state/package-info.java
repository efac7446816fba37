/**
 * The broker's state (topics, groups, offsets) as an index over the log: a map that the log's state records change, and
 * its snapshots. Also what reads the journal in which version 0.1.0 kept it.
 *
 * <p>What an entry means is its owner's; storage knows only that a topic ends. Start at {@link
 * org.merlinmq.storage.state.StateIndex}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.storage.state;
