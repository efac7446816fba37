/**
 * The rules of replication: who leads, what a follower lacks, what is confirmed, where two logs part. Start at {@link
 * org.merlinmq.replication.core.MemberCore}.
 *
 * <p>Step functions: an event and the time go in, {@link org.merlinmq.replication.core.Action}s come out. No socket, file, clock
 * or thread lives here; whoever has them carries out the actions in their order and reports what became of them. So a simulation
 * drives a whole broker group in one thread.
 *
 * <p>Why it is like that: docs/decisions/0016-a-slave-is-its-masters-log.md.
 */
@NullMarked
package org.merlinmq.replication.core;

import org.jspecify.annotations.NullMarked;
