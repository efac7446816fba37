/**
 * This broker as the slave of a RocketMQ master: its log by the replication stream (module replication, package {@code apache}),
 * its tables by requests beside it. Start with {@link org.merlinmq.broker.follow.ApacheFollower}. Not here: a slave of a broker
 * of ours, whose state is in the log.
 */
@NullMarked
package org.merlinmq.broker.follow;

import org.jspecify.annotations.NullMarked;
