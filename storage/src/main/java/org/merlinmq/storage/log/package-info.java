/**
 * The commit log: every message, in the order of arrival, in segment files of equal size.
 *
 * <p>What lives here: segments, appending, flushing, reading one record, scanning for recovery. What does not: what is
 * derived from records (packages {@code queue}, {@code index}, {@code timer}) and when a checkpoint is due (the package
 * above). Start at {@link org.merlinmq.storage.log.CommitLog}. Format: docs/formats/commit-log.md.
 */
@NullMarked
package org.merlinmq.storage.log;

import org.jspecify.annotations.NullMarked;
