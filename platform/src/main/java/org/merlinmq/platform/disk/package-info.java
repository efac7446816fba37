/**
 * The only way to files: everything that storage reads or writes goes through {@link
 * org.merlinmq.platform.disk.Disk}, so that a test can put a disk there which loses power, tears sectors or is full.
 *
 * <p>What lives here: opening, positional reading and writing, mapping, syncing, pre-allocation, atomic replacement,
 * folder locks. What does not: any knowledge of what the bytes mean. Start at {@code Disk}; {@code RealDisk} is the
 * file system of the machine.
 */
@NullMarked
package org.merlinmq.platform.disk;

import org.jspecify.annotations.NullMarked;
