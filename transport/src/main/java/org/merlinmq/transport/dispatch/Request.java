package org.merlinmq.transport.dispatch;

import org.jspecify.annotations.Nullable;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Frame;
import org.merlinmq.transport.Connection;

/**
 * A request off the hot path, detached from the buffer that it was read into.
 *
 * <p>Threading: immutable; any thread.
 *
 * @param connection where it came from, and where requests to that client go
 * @param frame the frame as it came
 */
public record Request(Connection connection, Frame frame) implements Fields {

    @Override
    public @Nullable String text(String name) {
        return frame.text(name);
    }

    /** The request code as it came, known or not. */
    public int code() {
        return frame.code();
    }

    /** The body, empty if there was none; not to be changed. */
    public byte[] body() {
        return frame.body();
    }

    /** The number of the sender's {@link org.merlinmq.protocol.frame.ProtocolVersion}. */
    public int version() {
        return frame.version();
    }

    /** Whether the sender expects no answer. */
    public boolean isOneway() {
        return frame.isOneway();
    }
}
