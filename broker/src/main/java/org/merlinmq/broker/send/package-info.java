/**
 * Sending: from a request's bytes to records staged for the commit log, and from what the log did to the answers. Start
 * at {@link org.merlinmq.broker.send.SendCore}, which knows no frame; {@link org.merlinmq.broker.send.SendHandler} is its
 * shell. Delays are rewritten by {@code schedule}, topics are created by
 * {@code topic}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker.send;
