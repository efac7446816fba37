/**
 * Stores that Apache's servers wrote, opened by ours.
 *
 * <p>How a store is laid out is not here: that is docs/formats. Start at {@code TakeoverTest}.
 */
@NullMarked
package org.merlinmq.verification.takeover;

import org.jspecify.annotations.NullMarked;
