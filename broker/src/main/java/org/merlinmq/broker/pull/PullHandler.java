package org.merlinmq.broker.pull;

import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.protocol.frame.FrameScan;
import org.merlinmq.transport.Connection;
import org.merlinmq.transport.dispatch.LoopHandler;
import org.merlinmq.transport.dispatch.LoopReplies;

/**
 * Pulls that come in frames: reads their header fields in place and hands them to the core.
 *
 * <p>Threading: one per event loop; every method on that loop.
 *
 * <p>Source: requests 11 and 361.
 */
public final class PullHandler implements LoopHandler {
    private final PullCore<Connection> core;
    private final PullRequest request = new PullRequest();

    /**
     * The handler of one loop.
     *
     * @param core answers the pulls
     */
    public PullHandler(PullCore<Connection> core) {
        this.core = core;
    }

    @Override
    public void frame(Connection connection, FrameScan frame) {
        PullFields.read(frame, request.of(Session.of(connection)));
        core.pull(request, frame.isOneway() ? null : connection, LoopReplies.token(frame));
    }

    /**
     * Refuses the pulls that wait, later on the loop; any thread.
     *
     * @see org.merlinmq.transport.Listener#stopReading
     */
    public void stop() {
        core.loop().execute(core::stop);
    }
}
