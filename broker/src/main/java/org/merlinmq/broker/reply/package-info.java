/**
 * Request-reply: brings what a consumer replies to the producer that asked and waits.
 *
 * <p>Not here: the request, which is a message like any other ({@code send}). Start at {@link
 * org.merlinmq.broker.reply.ReplyHandlers}.
 */
@NullMarked
package org.merlinmq.broker.reply;

import org.jspecify.annotations.NullMarked;
