/**
 * One frame: length, header (JSON or binary), body.
 *
 * <p>Hot code reads with {@link org.merlinmq.protocol.frame.FrameScan} and answers with {@link
 * org.merlinmq.protocol.frame.ReplyWriter}; all other code uses {@link org.merlinmq.protocol.frame.Frame} and {@link
 * org.merlinmq.protocol.frame.FrameCodec}, which are also the oracle the two are tested against. What a field means for
 * one request does not live here but in the records of {@code request} and {@code reply}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.protocol.frame;
