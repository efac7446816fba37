/** What may happen to the tails of runs at the same time. Start at {@link org.merlinmq.storage.run.PairTailStress}. */
@NullMarked
package org.merlinmq.storage.run;

import org.jspecify.annotations.NullMarked;
