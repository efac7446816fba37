/**
 * One record per header of an answer; see {@code request}. Hot answers are written by {@link
 * org.merlinmq.protocol.frame.ReplyWriter} without these.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.protocol.reply;
