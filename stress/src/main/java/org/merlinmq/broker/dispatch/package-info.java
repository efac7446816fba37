/** What may happen to a loop's counters at the same time: {@link org.merlinmq.broker.dispatch.LoopCountersStress}. */
@NullMarked
package org.merlinmq.broker.dispatch;

import org.jspecify.annotations.NullMarked;
