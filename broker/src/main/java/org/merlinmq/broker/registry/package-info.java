/**
 * Registration of this broker and its topics with nameservers, so that clients find them.
 *
 * <p>Here: when to register what, separately for each nameserver, and the client for one over the network. Not here: the
 * topics (package topic) and what a nameserver does with them (module nameserver).
 *
 * <p>Start at {@link org.merlinmq.broker.registry.Registration}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.broker.registry;
