/**
 * Subscription groups as the broker knows them whether or not a client is connected: their settings, what they may read,
 * how their retries are spaced.
 *
 * <p>Not here: who is connected ({@code client}) and how far a group has read ({@code offset}). Start at {@link
 * org.merlinmq.broker.group.GroupTable}.
 */
@NullMarked
package org.merlinmq.broker.group;

import org.jspecify.annotations.NullMarked;
