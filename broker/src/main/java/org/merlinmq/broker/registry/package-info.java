/**
 * Telling nameservers that this broker lives and which topics it has, so that clients find them.
 *
 * <p>Here: when to register what, with each nameserver by itself; the wire and the in-process way to one. Not here: the
 * topics (package topic) and what a nameserver does with them (module nameserver).
 *
 * <p>Start at {@link org.merlinmq.broker.registry.Registration}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker.registry;
