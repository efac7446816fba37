package org.merlinmq.protocol.body;

import org.merlinmq.protocol.json.JsonWriter;

/** What is written as a JSON object. Each record also has a static {@code read} of bytes and of a JSON object. */
public interface JsonBody {
    /**
     * Writes the whole object.
     *
     * @param out takes it where a value, or an object as key, is due
     */
    void writeTo(JsonWriter out);

    /**
     * Writes the object as a body.
     *
     * @return its bytes in UTF-8
     */
    default byte[] write() {
        JsonWriter out = new JsonWriter();
        writeTo(out);
        return out.toByteArray();
    }
}
