/**
 * A whole cluster, a machine each for its nameservers, masters and slaves: network namespaces with addresses and host names of
 * their own, the scripts and files that RocketMQ's users have, official clients that write down all they do and see, faults by
 * seed, and a judge of what was written down.
 *
 * <p>Start with {@link org.merlinmq.verification.cluster.ClusterTest} and {@link org.merlinmq.verification.cluster.HistoryCheck}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.verification.cluster;
