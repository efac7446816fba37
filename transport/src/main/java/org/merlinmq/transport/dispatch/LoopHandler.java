package org.merlinmq.transport.dispatch;

import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.transport.Connection;

/**
 * Handles the hot requests of one event loop in place, without detaching them from the read buffer.
 *
 * <p>Threading: every method on its loop.
 *
 * <p>Errors: {@link org.merlinmq.protocol.frame.FieldException} passes through and is answered by the dispatcher.
 */
public interface LoopHandler {
    /**
     * Handles a request and answers it, now or later.
     *
     * @param connection where it came from
     * @param frame the request; valid during this call only
     */
    void frame(Connection connection, FrameScan frame);

    /** All sockets that had something were read, and their frames handled: what was staged is to be committed. */
    default void readsDone() {}

    /**
     * A connection has ended.
     *
     * @param connection the connection
     */
    default void closed(Connection connection) {}
}
