/**
 * Frames over sockets: the listening side, the calling side, and the event loops that carry both.
 *
 * <p>A read's bytes are copied once into an array of the loop, all whole frames in it are handed to the loop's
 * {@link org.merlinmq.transport.LoopService} one after another, and what they answered goes out with one write per
 * connection. Nothing is handed to another thread on that way.
 *
 * <p>Lives here: sockets, limits, back-pressure, matching answers with calls. Does not live here: what a request means
 * (broker, nameserver, client) and how a frame looks inside (protocol).
 *
 * <p>Start at {@link org.merlinmq.transport.Listener} for servers and at {@link org.merlinmq.transport.Calls} for
 * callers; {@code FrameInput} is where bytes become frames.
 */
@NullMarked
package org.merlinmq.transport;

import org.jspecify.annotations.NullMarked;
