package org.merlinmq.broker.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.merlinmq.broker.dispatch.Session;
import org.merlinmq.protocol.frame.Frame;

/**
 * The way to one connected client. Two channels are equal if they are of one connection.
 *
 * <p>Threading: any thread; nothing here blocks.
 */
public interface Channel {
    /**
     * Where the client is.
     *
     * @return {@code ip:port}
     */
    String address();

    /** What the broker keeps of the client at the other end. */
    Session session();

    /**
     * Sends a frame that is not answered; dropped silently if the connection is gone.
     *
     * @param oneway the frame
     */
    void send(Frame oneway);

    /**
     * Sends a frame that is not answered, unless the connection is gone or its client does not read.
     *
     * @param oneway the frame
     * @return whether it was appended to what goes out; completed on any thread
     */
    CompletableFuture<Boolean> deliver(Frame oneway);

    /**
     * Asks the client.
     *
     * @param request the request
     * @param timeout how long to wait
     * @return its answer, or a failure if none came in time
     */
    CompletableFuture<Frame> call(Frame request, Duration timeout);

    /**
     * Runs a task later on the connection's own thread, on which what comes in is answered and the end of the connection is
     * noticed; never earlier than asked, and not at all once the broker stops.
     *
     * @param millis how much later
     * @param task what to run, whether the connection is there still or not; must not block
     */
    void runIn(long millis, Runnable task);

    /**
     * Whether the connection is there; it may end at any moment.
     *
     * @return false once it has ended
     */
    boolean isOpen();

    /**
     * Ends the connection.
     *
     * @param reason for the log
     */
    void close(String reason);
}
