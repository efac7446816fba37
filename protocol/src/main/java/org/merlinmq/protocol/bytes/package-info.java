/**
 * Primitive work on {@code byte[]}: big-endian access, hashing, decimal text, and {@link
 * org.merlinmq.protocol.bytes.ByteWriter}, the growing buffer that everything hot is encoded into.
 *
 * <p>No format of the protocol lives here.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.protocol.bytes;
