/**
 * Which broker holds which topic, answered to every client over RocketMQ's nameserver requests.
 *
 * <p>Here: the table of leases and routes, its rules, its answers and its small key-value table. Not here: topics'
 * configuration (brokers own it; the nameserver forgets all routes when it stops and gets them again within 30 seconds)
 * and which of a group's brokers is master (each broker registers its own role).
 *
 * <p>Start at {@link org.merlinmq.nameserver.Nameserver}, which opens the port; {@link
 * org.merlinmq.nameserver.RouteRegistry} is the core: all rules, no thread, no clock, no socket.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.nameserver;
