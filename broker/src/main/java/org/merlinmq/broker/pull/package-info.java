/**
 * Pulling: from a queue offset to the records that follow it, as they lie in the log; and pulls that wait for a message.
 * Start at {@link org.merlinmq.broker.pull.PullCore}, which knows no frame; {@link
 * org.merlinmq.broker.pull.PullHandler} is its shell. Who may pull what is {@code group}'s, which tags fit is {@code
 * filter}'s.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker.pull;
