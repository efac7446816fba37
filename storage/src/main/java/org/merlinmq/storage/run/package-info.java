/**
 * Sorted runs: immutable files of fixed-size entries in key order, checksummed by block, mapped for reading.
 *
 * <p>Here live the file format, its writer and reader, merging, and the list of live files that a checkpoint refers
 * to. What an entry means is known by {@code queue}, {@code index} and {@code timer}. Start at {@link
 * org.merlinmq.storage.run.RunStore}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.storage.run;
