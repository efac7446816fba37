/**
 * Replication between this broker and RocketMQ's own, as their 4.x and 5.x lines do it without a controller: a slave copies the
 * bytes of its master's log, and asks for the tables beside.
 *
 * <p>Here: the stream of the log, both ends, as step functions ({@code ApacheMasterStream}, {@code ApacheSlaveStream}), and the
 * sockets and threads around them ({@code ApacheMaster}, {@code ApacheSlave}). Not here: the tables (broker's package
 * {@code follow}), and the stream between brokers of ours. Start with {@code ApacheStream}.
 */
@NullMarked
package org.merlinmq.replication.apache;

import org.jspecify.annotations.NullMarked;
