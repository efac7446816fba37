/**
 * From a request's code to the handler that answers it, and from the handler's {@link
 * org.merlinmq.transport.dispatch.Answer} to a frame: the one dispatch of broker and nameserver. All mapping of refusals and
 * faults to response codes is here; what a request means is not. Start at {@link
 * org.merlinmq.transport.dispatch.Dispatcher}.
 */
@NullMarked
package org.merlinmq.transport.dispatch;

import org.jspecify.annotations.NullMarked;
