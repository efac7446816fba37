/**
 * The stored message: its record is the same on disk and on the wire.
 *
 * <p>Start at {@link org.merlinmq.protocol.message.RecordLayout}. Which topic a message goes to, and what is added to
 * it, is decided by the broker and not here.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.protocol.message;
