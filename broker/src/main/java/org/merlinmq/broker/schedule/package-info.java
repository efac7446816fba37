/**
 * What happens later: the timer thread's queue of deadlines, and messages that are stored now and delivered at their
 * time.
 *
 * <p>Not here: where pending messages lie on disk (storage's timer index). Start at {@link
 * org.merlinmq.broker.schedule.DelayRule}, or at {@link org.merlinmq.broker.schedule.Deadlines} for the thread.
 */
@NullMarked
package org.merlinmq.broker.schedule;

import org.jspecify.annotations.NullMarked;
