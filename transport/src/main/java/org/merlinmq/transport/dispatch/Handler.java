package org.merlinmq.transport.dispatch;

/**
 * Answers one kind of request.
 *
 * <p>Threading: on the connection's event loop, where it must not block, unless it was registered as blocking: then off
 * the loop, by the dispatcher's executor.
 *
 * <p>Errors: a {@link org.merlinmq.protocol.frame.FieldException} for a missing or malformed header field may pass
 * through; the dispatcher answers it by name. Any other exception is a fault: answered with SYSTEM_ERROR and logged.
 */
@FunctionalInterface
public interface Handler {
    /**
     * Answers a request.
     *
     * @param request the request, detached from the read buffer
     * @return the answer; ignored for one-way requests
     */
    Answer handle(Request request);
}
