/**
 * What is due when: delayed messages waiting in the log.
 *
 * <p>Here live the timers that are due soon, in memory, and all others in runs sorted by due time. Delivery itself, a
 * new record in the real topic, is the broker's. Start at {@link org.merlinmq.storage.timer.TimerIndex}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.storage.timer;
