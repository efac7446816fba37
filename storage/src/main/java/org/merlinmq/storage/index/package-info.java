/**
 * From a message's keys to its place in the log.
 *
 * <p>Here live the entries that appends add and the runs sorted by hash that they are flushed into. How a key is
 * hashed and what the record says is the caller's. Start at {@link org.merlinmq.storage.index.KeyIndex}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.storage.index;
