/**
 * The clients that are connected: heartbeats, who is in which group, what a group subscribes to, which client holds which
 * queue, and requests that administrators send to a client through the broker.
 *
 * <p>Not here: the settings of groups ({@code group}). Start at {@link org.merlinmq.broker.client.ClientHandlers}.
 */
@NullMarked
package org.merlinmq.broker.client;

import org.jspecify.annotations.NullMarked;
