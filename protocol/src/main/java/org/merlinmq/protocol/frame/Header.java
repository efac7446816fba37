package org.merlinmq.protocol.frame;

/** The fields of one kind of request or reply; each record also has a static {@code read(Fields)}. */
public interface Header {
    /**
     * Writes all fields that are there.
     *
     * @param out takes them
     */
    void write(FieldSink out);
}
