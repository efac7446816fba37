/**
 * Who does the store's own work, and by which clock: platform threads in a server, one thread that steps all of it in a
 * simulation. Start at {@link org.merlinmq.platform.thread.StoreThreads}.
 */
@NullMarked
package org.merlinmq.platform.thread;

import org.jspecify.annotations.NullMarked;
