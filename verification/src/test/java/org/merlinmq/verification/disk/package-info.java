/**
 * The server on a disk that does not do its part: one that fills up, and one that fails to sync. What is refused, what goes
 * on, and what brings writes back. Needs the right to mount, or strace; start at
 * {@link org.merlinmq.verification.disk.DiskFullTest}.
 */
@NullMarked
package org.merlinmq.verification.disk;

import org.jspecify.annotations.NullMarked;
