/**
 * This broker as the slave of a RocketMQ master: its log by the replication stream (module replication, package {@code apache}),
 * its tables by requests beside it. Start with {@link org.merlinmq.broker.follow.ApacheFollower}. Of a member of a group, whose
 * state is in the log, only what it gives its leader is here: {@link org.merlinmq.broker.follow.OffsetHandover}.
 */
@NullMarked
package org.merlinmq.broker.follow;

import org.jspecify.annotations.NullMarked;
