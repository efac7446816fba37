package org.merlinmq.protocol.request;

import org.merlinmq.protocol.frame.FieldSink;
import org.merlinmq.protocol.frame.Fields;
import org.merlinmq.protocol.frame.Header;

/**
 * Header of {@code PROMOTE_BROKER} (77041).
 *
 * @param force to lead with those who answer, however few: what only the others have is lost
 */
public record PromoteRequest(boolean force) implements Header {
    /** Reads the header. */
    public static PromoteRequest read(Fields from) {
        return new PromoteRequest(from.flagOr("force", false));
    }

    @Override
    public void write(FieldSink out) {
        out.put("force", force);
    }
}
