/**
 * A broker group of two: replication between ours and Apache's servers, both ways.
 *
 * <p>Start with {@link org.merlinmq.verification.replication.ApacheReplicationTest}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.verification.replication;
