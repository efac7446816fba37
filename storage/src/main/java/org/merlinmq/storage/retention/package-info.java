/**
 * How long messages are kept.
 *
 * <p>What lives here: the decision which segments go, and whether the disk is too full to store more. What does not: the
 * deleting itself (package {@code log}). Start at {@link org.merlinmq.storage.retention.Expiry}.
 */
@NullMarked
package org.merlinmq.storage.retention;

import org.jspecify.annotations.NullMarked;
