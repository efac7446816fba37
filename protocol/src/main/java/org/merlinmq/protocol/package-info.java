/**
 * The wire and the stored record as values: frames, headers, bodies, messages.
 *
 * <p>Here live layouts, codecs and their limits. Sockets, files, threads and clocks do not. Start at {@link
 * org.merlinmq.protocol.frame}, then {@link org.merlinmq.protocol.message}.
 */
@org.jspecify.annotations.NullMarked
package org.merlinmq.protocol;
