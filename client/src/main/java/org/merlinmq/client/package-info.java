/**
 * What applications embed, and what the command line and the console are made of: sending, pulling, consuming in a
 * group, and administration.
 *
 * <p>Lives here: finding brokers through nameservers, routes, queue choice, retries, group membership. Does not live
 * here: sockets (transport) and how requests and records look in bytes (protocol).
 *
 * <p>Start at {@link org.merlinmq.client.Producer}, {@link org.merlinmq.client.Consumer},
 * {@link org.merlinmq.client.Puller} or {@link org.merlinmq.client.Admin}; behind each stands a {@code Cluster}.
 */
@NullMarked
package org.merlinmq.client;

import org.jspecify.annotations.NullMarked;
