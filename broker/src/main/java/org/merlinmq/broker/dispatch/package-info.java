/**
 * From a request's code to the handler that answers it, and from the handler's {@link org.merlinmq.broker.dispatch.Answer}
 * to a frame. All mapping of refusals and faults to response codes is here. What a request means is not: each thing users
 * do has a package of its own beside this one. Start at {@link org.merlinmq.broker.dispatch.Dispatcher}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker.dispatch;
