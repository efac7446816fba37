package org.merlinmq.transport;

import org.merlinmq.protocol.frame.FrameScan;

/**
 * What is done with the frames of one event loop.
 *
 * <p>Threading: every method runs on that loop, so the state of an implementation needs no lock; none may block.
 *
 * <p>Errors: an exception out of {@link #frame} is a bug: it is logged at ERROR and ends that connection.
 */
public interface LoopService {
    /**
     * A connection was accepted or made.
     *
     * @param connection the new connection
     */
    default void opened(Connection connection) {}

    /**
     * One whole request has arrived. Answers to our own calls are matched by the transport and never come here.
     *
     * @param connection where it came from
     * @param frame the request; it and its bytes are valid only during the call
     */
    void frame(Connection connection, FrameScan frame);

    /**
     * All sockets of the loop that had something to read were read, and the frames handled: the moment to commit what they
     * staged. Afterwards every connection of this loop that has output is flushed.
     */
    default void readsDone() {}

    /**
     * A connection has ended, for whatever reason; called once, after {@link #opened}.
     *
     * @param connection the ended connection
     */
    default void closed(Connection connection) {}
}
