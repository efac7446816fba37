/**
 * What the broker adds to the dispatch of requests, which is {@code org.merlinmq.transport.dispatch}: who is at the other end
 * of a connection, what the disk does not allow, and the counters of one event loop. Start at {@link
 * org.merlinmq.broker.dispatch.Session}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker.dispatch;
