/**
 * What is derived from the log, and the port that all of it is behind. Start at {@link
 * org.merlinmq.storage.index.LogIndex}.
 *
 * <p>The life of an index:
 *
 * <pre>
 *  start     recover(last checkpoint) → mend → start → apply(each record from where recover said on)
 *  append    apply(records) → takeWaiters(records)                            under the append lock
 *  later     retain(minLogOffset), flush(upToLogOffset) → progress()          on store-tail
 *            the checkpoint is written and synced → deleteRetired()
 * </pre>
 *
 * <p>Publication, recovery and whoever takes records from another broker walk the same list of indexes and hand them the
 * same {@link org.merlinmq.storage.index.PublishedRecords}. A record that another broker, or an earlier run, has numbered
 * comes without its queue. Queue offsets are the one thing that an index does not derive but the log asks for, from a {@link
 * org.merlinmq.storage.index.RecordQueue}.
 *
 * <p>An index may keep files and an order of its own: the checkpoint holds, for each, its name, a version, and what {@code
 * progress} wrote. One that the checkpoint does not know, or cannot read, is made from the whole log; the others are not
 * touched by that. A new one is a class and its entry in the list in {@code Indexes}.
 *
 * <p>Here lives also the index of keys; those of queues, timers and state are in packages of their own.
 */
@NullMarked
package org.merlinmq.storage.index;

import org.jspecify.annotations.NullMarked;
