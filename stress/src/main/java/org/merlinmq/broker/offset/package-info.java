/** What may happen to offsets at the same time. Start at {@link org.merlinmq.broker.offset.ConsumeProgressStress}. */
@NullMarked
package org.merlinmq.broker.offset;

import org.jspecify.annotations.NullMarked;
