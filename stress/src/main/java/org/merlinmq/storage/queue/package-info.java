/** What may happen to queues at the same time. Start at {@link org.merlinmq.storage.queue.QueueEntryStress}. */
@NullMarked
package org.merlinmq.storage.queue;

import org.jspecify.annotations.NullMarked;
