/**
 * What the log lets go of when it is old, and what it keeps. Start at {@link
 * org.merlinmq.verification.retention.DelayOutlivesItsSegmentTest}.
 */
@NullMarked
package org.merlinmq.verification.retention;

import org.jspecify.annotations.NullMarked;
